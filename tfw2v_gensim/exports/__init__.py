"""Word vectors for other programs: Keras layers, the embedding projector, and folders without pickle.

=====================================================  ================================================
for                                                    open
=====================================================  ================================================
Keras layers                                           :mod:`tfw2v_gensim.exports.keras`
TensorBoard's embedding projector                      :mod:`tfw2v_gensim.exports.projector`
model2vec, sentence-transformers, files of strangers   :mod:`tfw2v_gensim.exports.static`
=====================================================  ================================================
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tfw2v_gensim.exports.keras import keras_embedding, keras_lookup
from tfw2v_gensim.exports.projector import save_projector

if TYPE_CHECKING:
    import keras

__all__ = ["Exports", "keras_embedding", "keras_lookup", "save_projector"]


class Exports:
    """What a model writes and builds for other programs, of its vectors ``wv``."""

    wv: Any

    def to_keras_embedding(
        self, trainable: bool = False, mask_zero: bool = False, oov: str | None = "mean"
    ) -> keras.layers.Embedding:
        """Build a ``keras.layers.Embedding`` of the word vectors: see :func:`tfw2v_gensim.exports.keras_embedding`."""
        return keras_embedding(self.wv, trainable, mask_zero, oov)

    def to_keras_lookup(self, mask_zero: bool = False, oov: str | None = "mean") -> keras.layers.StringLookup:
        """Build the ``keras.layers.StringLookup`` from words to the ids of :meth:`to_keras_embedding`.

        Both take the same ``mask_zero`` and ``oov``: see :func:`tfw2v_gensim.exports.keras_lookup`.
        """
        return keras_lookup(self.wv, mask_zero, oov)

    def save_projector(self, folder: str | os.PathLike) -> None:
        """Write what TensorBoard's embedding projector opens: see :func:`tfw2v_gensim.exports.save_projector`."""
        save_projector(self.wv, folder)
