"""Word vectors for other programs: Keras layers, the embedding projector, and folders without pickle.

=====================================================  ================================================
for                                                    open
=====================================================  ================================================
Keras layers                                           :mod:`tfw2v_gensim.exports.keras`
TensorBoard's embedding projector                      :mod:`tfw2v_gensim.exports.projector`
model2vec, sentence-transformers, files of strangers   :mod:`tfw2v_gensim.exports.static`
=====================================================  ================================================
"""

from tfw2v_gensim.exports.keras import keras_embedding, keras_lookup
from tfw2v_gensim.exports.projector import save_projector

__all__ = ["keras_embedding", "keras_lookup", "save_projector"]
