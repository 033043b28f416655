"""Word vectors for other programs: Keras layers, and the files of TensorBoard's embedding projector.

Keras is imported when a layer is asked for, not before.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from gensim.models import KeyedVectors

if TYPE_CHECKING:
    import keras

# Characters that would end a cell or a row of a tab-separated file
_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})

_OOV_ROWS = {"mean": 1, "zeros": 1, None: 0}


def keras_embedding(
    wv: KeyedVectors, trainable: bool = False, mask_zero: bool = False, oov: str | None = "mean"
) -> keras.layers.Embedding:
    """Build a layer that turns the ids of :func:`keras_lookup` into word vectors.

    Parameters
    ----------
    wv : gensim.models.KeyedVectors
    trainable : bool
        Whether training may change the vectors.
    mask_zero : bool
        Whether id 0 is padding, which later layers skip. Its vector is zero.
    oov : {"mean", "zeros", None}
        Vector of unknown words, which all have one id: the mean of all vectors, zeros, or none, so that the
        lookup refuses unknown words.

    Returns
    -------
    keras.layers.Embedding
        float32 vectors ``[mask_zero + (oov is not None) + V, D]``: padding, unknown words, then the rows of ``wv``
        in their order.

    Raises
    ------
    ValueError
        If ``oov`` is none of these.
    """
    import keras

    special = np.zeros((bool(mask_zero) + _oov_rows(oov), wv.vector_size), np.float32)
    if oov == "mean":
        special[-1] = wv.vectors.mean(axis=0, dtype=np.float64)
    matrix = np.concatenate([special, wv.vectors])
    layer = keras.layers.Embedding(*matrix.shape, mask_zero=bool(mask_zero), trainable=trainable)
    layer.build()
    layer.set_weights([matrix])
    return layer


def keras_lookup(wv: KeyedVectors, mask_zero: bool = False, oov: str | None = "mean") -> keras.layers.StringLookup:
    """Build the layer that turns words into the ids of a :func:`keras_embedding` with the same arguments.

    Returns
    -------
    keras.layers.StringLookup
        Padding, where ``mask_zero``, is the empty string.
    """
    import keras

    return keras.layers.StringLookup(
        vocabulary=[str(word) for word in wv.index_to_key],
        mask_token="" if mask_zero else None,
        num_oov_indices=_oov_rows(oov),
    )


def _oov_rows(oov: str | None) -> int:
    try:
        return _OOV_ROWS[oov]
    except (KeyError, TypeError):
        raise ValueError(f"oov must be 'mean', 'zeros' or None, got {oov!r}") from None


def save_projector(wv: KeyedVectors, folder: str | os.PathLike) -> None:
    r"""Write the files that TensorBoard's embedding projector opens.

    ``tensorboard --logdir folder`` shows them; so does https://projector.tensorflow.org, which takes
    ``vectors.tsv`` and ``metadata.tsv``.

    Parameters
    ----------
    wv : gensim.models.KeyedVectors
    folder : str or os.PathLike
        Made if it is not there. Its files of the same names are overwritten: ``vectors.tsv`` (a row a word),
        ``metadata.tsv`` (word and count, under a header) and ``projector_config.pbtxt``.

    Examples
    --------
    >>> import tempfile
    >>> from gensim.models import KeyedVectors
    >>> wv = KeyedVectors(2)
    >>> wv.add_vectors(["left", "right"], [[-1.0, 0.0], [1.0, 0.0]])
    >>> wv.set_vecattr("left", "count", 3)
    >>> folder = tempfile.mkdtemp()
    >>> save_projector(wv, folder)
    >>> open(os.path.join(folder, "metadata.tsv")).read().splitlines()
    ['word\tcount', 'left\t3', 'right\t0']

    """
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "vectors.tsv"), "w", encoding="utf-8") as vectors:
        for vector in wv.vectors:
            vectors.write("\t".join(map(str, vector.tolist())) + "\n")
    with open(os.path.join(folder, "metadata.tsv"), "w", encoding="utf-8", newline="\n") as metadata:
        metadata.write("word\tcount\n")
        for word in wv.index_to_key:
            metadata.write(f"{str(word).translate(_ESCAPES)}\t{wv.get_vecattr(word, 'count')}\n")
    with open(os.path.join(folder, "projector_config.pbtxt"), "w", encoding="utf-8") as config:
        config.write(
            'embeddings {\n  tensor_name: "word vectors"\n'
            '  tensor_path: "vectors.tsv"\n  metadata_path: "metadata.tsv"\n}\n'
        )
