"""What several learners found out, put together: replicas of one process, and the workers of a cluster. Numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfw2v_gensim.distribution import Workers

# Equal changes are merged into at most so many times their mean. From 2 on, a row that frequent uses bring all of its
# way in every learner would never settle.
OVERSHOOT = 1.5


class Learnt(NamedTuple):
    """What one learner found out since the last merge.

    Attributes
    ----------
    words : numpy.ndarray
        int32 ``[U]``, each once.
    changes : list of numpy.ndarray
        float32 ``[U, D]`` for each matrix of the weights: how these words' rows have changed.
    """

    words: np.ndarray
    changes: Sequence[np.ndarray]


def agreement(squares: np.ndarray, square_of_sum: np.ndarray) -> np.ndarray:
    """Return by what the sum of several learners' changes of a row is to be multiplied.

    To add up what N learners found out about a rare word is right: they met it in different sentences, and their
    changes are orthogonal, give or take. Of a frequent word they have all learnt the same, and the sum would overshoot
    N times. How far they agree is told by a ratio, the sum of the squared changes over the square of the summed ones:
    1 where they are orthogonal, 1 / N where they are equal. (Adasum, Maleki et al., 2021, does much the same with two
    gradients at a time.) A mean learns slower than one learner would, so the sum is scaled by the ratio's root, which
    gives it the length that orthogonal changes would have, within OVERSHOOT.

    Parameters
    ----------
    squares, square_of_sum : numpy.ndarray
        ``[U]``: the squared lengths of the changes, summed over the learners, and of their sum.

    Examples
    --------
    Two learners whose changes of a row are orthogonal, are equal, or of which only one has met the word:

    >>> agreement(np.array([2.0, 2.0, 1.0]), np.array([2.0, 4.0, 1.0])).round(3).tolist()
    [1.0, 0.707, 1.0]

    """
    ratio = squares / np.maximum(np.maximum(squares, square_of_sum), np.finfo(np.float32).tiny)
    return np.minimum(np.sqrt(ratio), OVERSHOOT * ratio)


def merge(weights: Sequence[np.ndarray], learnt: Sequence[Learnt], workers: Workers) -> None:
    """Add to the weights, in place, what all learners of all workers have found out.

    Parameters
    ----------
    weights : list of numpy.ndarray
        float32 ``[V, D]``, as they were after the last merge.
    learnt : list of Learnt
        Of this worker's learners.
    workers : tfw2v_gensim.distribution.Workers
    """
    met = np.zeros(len(weights[0]), np.bool_)
    for words, _ in learnt:
        met[words] = True
    if workers.place.workers > 1:
        met[:] = True  # what the others have met nobody knows
    all_words = np.flatnonzero(met)
    place = np.cumsum(met) - 1
    for which, matrix in enumerate(weights):
        total, squares = np.zeros((len(all_words), matrix.shape[1]), np.float32), np.zeros(len(all_words), np.float32)
        for words, changes in learnt:
            change = changes[which]
            total[place[words]] += change
            squares[place[words]] += np.einsum("ud,ud->u", change, change)
        total, squares = workers.summed(total, squares)
        total *= agreement(squares, np.einsum("ud,ud->u", total, total))[:, None]
        matrix[all_words] += total
