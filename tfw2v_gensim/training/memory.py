"""How much memory a training takes: an estimate. Numpy only."""

from __future__ import annotations

import math

import numpy as np

from tfw2v_gensim.training.objectives import OBJECTIVES
from tfw2v_gensim.training.plan import block_shape
from tfw2v_gensim.training.weights import whole_registers

# Memory of a process that has compiled and run a training, in bytes, beside all that grows with the model or its blocks
TENSORFLOW_MEMORY = 800 << 20

# Arguments of a model that its memory depends on
DECIDE_MEMORY = ("vector_size", "window", "sg", "loss", "shared_softmax", "negative", "negative_sharing")


def words_met(draws: int, vocabulary: int) -> int:
    """Expect so many different words among so many, by Zipf's law: the n-th most frequent is an n-th as frequent.

    Examples
    --------
    >>> words_met(10, 1_000_000), words_met(100_000, 1000), words_met(100_000, 1_000_000)
    (10, 1000, 37488)

    """
    ranks = np.arange(1, vocabulary + 1)
    return round(float(-np.expm1(-draws / (ranks * np.sum(1 / ranks))).sum()))


def memory(
    words: int, words_per_epoch: float, *, vector_size: int, window: int, sg: int, loss: str, shared_softmax: bool,
    negative: int, negative_sharing: int, processors: int,
) -> dict[str, int]:  # fmt: skip
    """Estimate the peak memory of a process that trains such a model: bytes, by what holds them.

    Parameters
    ----------
    words : int
        Size of the vocabulary.
    words_per_epoch : float
        Words that an epoch trains, after subsampling and thinning.
    vector_size, window, sg, loss, shared_softmax, negative, negative_sharing
        As of :class:`tfw2v_gensim.Word2Vec`.
    processors : int
        As many replicas train at once.
    """
    shape = block_shape(words_per_epoch, words, negative, negative_sharing, sg)
    at_once = min(shape.replicas, processors)
    row = vector_size * np.dtype(np.float32).itemsize
    matrices = 1 if shared_softmax else 2
    trained_row = whole_registers(vector_size) * np.dtype(np.float32).itemsize
    tokens = shape.blocks * shape.streams * (shape.length + 2 * window)
    noise = shape.blocks * math.prod(shape.noise_shape) // shape.uses
    met = words if OBJECTIVES[loss].takes_every_word else min(words, words_met(tokens, words) + noise)
    row_floats = (4 * window if sg else 5) * vector_size + (3 * words if OBJECTIVES[loss].takes_every_word else 0)
    return {
        "vocab": 500 * words,
        "vectors": words * row,
        "syn1neg": (matrices - 1) * words * row,
        # what is trained is a copy: an epoch that diverges leaves the matrices as they were
        "trained": matrices * words * trained_row,
        # how each replica's rows have changed; while it trains, TensorFlow's copy of them and its result, too
        "replicas": (shape.replicas + 2 * at_once) * met * trained_row * matrices,
        "blocks": 4 * at_once * shape.streams * shape.length * row_floats,
        "tensorflow": TENSORFLOW_MEMORY,
    }
