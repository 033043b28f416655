"""Word vectors as Keras layers. Keras is imported when a layer is asked for, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from gensim.models import KeyedVectors

if TYPE_CHECKING:
    import keras

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
