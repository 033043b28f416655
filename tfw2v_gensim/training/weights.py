"""What of a model is trained, and the one place that reads it from the model and puts it back."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

# Floats that XLA has a processor work on at once
REGISTER = 8

# Rows that are moved at a time
ROWS_TOGETHER = 1 << 12


class Weights(NamedTuple):
    """A model's matrices, and how they may move.

    Attributes
    ----------
    vectors : numpy.ndarray
        float32 ``[V, D]`` word vectors.
    softmax : numpy.ndarray or None
        float32 ``[V, D]`` softmax weights; None where they are the word vectors themselves.
    lock : numpy.ndarray
        float32 ``[V]`` or ``[1]``: gensim's ``vectors_lockf``, a factor on each row's moves.
    factors : numpy.ndarray
        float32 ``[D]``, see :func:`coordinate_factors`.
    """

    vectors: np.ndarray
    softmax: np.ndarray | None
    lock: np.ndarray
    factors: np.ndarray

    @property
    def matrices(self) -> dict[str, np.ndarray]:
        """What is trained, by gensim's names: ``vectors`` and, where it is a matrix of its own, ``syn1neg``."""
        return {"vectors": self.vectors} | ({} if self.softmax is None else {"syn1neg": self.softmax})


class Mirrored(NamedTuple):
    """Which coordinates enter a shared softmax with a minus sign, see :func:`coordinate_factors`.

    Attributes
    ----------
    share : float
        What share of them.
    factor : float
        Their negative factor. Towards -1 analogies gain, towards -3 WordSim-353 does; SimLex-999 falls a little in
        CBOW, and rises in skip-gram.
    """

    share: float
    factor: float

    @classmethod
    def of(cls, sg: int) -> Mirrored:
        """Return those of a new model."""
        return cls(0.2 if sg else 0.15, -1.5)


# Those of models saved before each kept its own
LEGACY_MIRRORED = Mirrored(0.2, -3.0)


def coordinate_factors(vector_size: int, shared_softmax: bool, mirrored: Mirrored) -> np.ndarray:
    """Return the factor of each coordinate in the product of hidden vector and softmax weights.

    All 1 with separate softmax weights. A shared softmax models a symmetric matrix of word associations as a product
    of one matrix with itself, which can only have positive eigenvalues; the true one has negative ones too (a word is
    rarely its own neighbour). The last of the coordinates, with a negative factor, hold those. It says which
    words stand beside each other rather than which are alike: a factor beyond -1 keeps these coordinates small, so that
    they count less in the cosine of two words.

    Parameters
    ----------
    vector_size, shared_softmax
        As of :class:`tfw2v_gensim.Word2Vec`.
    mirrored : Mirrored

    Returns
    -------
    numpy.ndarray
        float32 ``[vector_size]``

    Examples
    --------
    >>> coordinate_factors(5, shared_softmax=True, mirrored=Mirrored(0.2, -2.0)).tolist()
    [1.0, 1.0, 1.0, 1.0, -2.0]

    """
    factors = np.ones(vector_size, np.float32)
    if shared_softmax:
        factors[vector_size - int(mirrored.share * vector_size) :] = mirrored.factor
    return factors


def whole_registers(dimensions: int) -> int:
    """Round a number of dimensions up to a multiple of REGISTER.

    Examples
    --------
    >>> whole_registers(100)
    104

    """
    return -(-dimensions // REGISTER) * REGISTER


def in_whole_registers(matrix: np.ndarray, value: float = 0.0) -> np.ndarray:
    """Copy a matrix, or a row, with the rows filled up to whole registers: XLA works on what is left over one by one.

    Examples
    --------
    >>> in_whole_registers(np.ones((1, 5))).tolist()
    [[1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]]

    """
    filled = np.full((*matrix.shape[:-1], whole_registers(matrix.shape[-1])), value, np.float32)
    filled[..., : matrix.shape[-1]] = matrix
    return filled


def close_up(matrix: np.ndarray, dimensions: int) -> np.ndarray:
    """Undo :func:`in_whole_registers` in the matrix's own memory: a copy of a large one would not fit beside it.

    Examples
    --------
    >>> close_up(in_whole_registers(np.eye(3)), 3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]

    """
    rows = matrix.reshape(-1)[: len(matrix) * dimensions].reshape(-1, dimensions)
    for first in range(0, len(matrix), ROWS_TOGETHER):  # none goes where another is that has not moved yet
        some = slice(first, first + ROWS_TOGETHER)
        rows[some] = matrix[some, :dimensions]
    return rows


def weights_of(model: Any) -> Weights:
    """Read a model's weights; nothing is copied."""
    softmax = None if model.shared_softmax else model.syn1neg
    return Weights(model.wv.vectors, softmax, model.wv.vectors_lockf, model.coordinate_factors)


def assign(model: Any, vectors: np.ndarray, syn1neg: np.ndarray | None = None) -> None:
    """Give a model the matrices that it goes on with; ``syn1neg`` is None where the softmax is shared."""
    model.wv.vectors = vectors
    if syn1neg is not None:
        model.syn1neg = syn1neg
    model.wv.norms = None  # gensim keeps the vectors' lengths until it is told
