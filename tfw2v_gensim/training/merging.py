"""The updates of several learners, merged: replicas of one process, and the machines of a cluster. Numpy and scipy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from tfw2v_gensim.training.machines import Machines

# Words that are merged at a time, at the most
WORDS_TOGETHER = 1 << 12


class Updates(NamedTuple):
    """How learners have changed the rows that they have trained since the last merge.

    Attributes
    ----------
    words : list of numpy.ndarray
        For each learner, int32: the words that it has trained, each once.
    changes : list of numpy.ndarray
        float32 ``[R, U, D]`` for each matrix of the weights: how the rows of these words have changed, learner by
        learner; what lies behind a learner's last word does not count.
    squares : list of numpy.ndarray
        float32 ``[R, U]`` for each matrix: the squared lengths of the changes.
    """

    words: Sequence[np.ndarray]
    changes: Sequence[np.ndarray]
    squares: Sequence[np.ndarray]


def agreement(squares: np.ndarray, square_of_sum: np.ndarray) -> np.ndarray:
    """Return by what the sum of several learners' changes of a row is to be multiplied.

    To add up what N learners have learnt of a rare word is right: they met it in different sentences, and their
    changes are orthogonal, give or take. Of a frequent word they have all learnt the same, and the sum would overshoot
    N times. How far they agree is told by a ratio, the sum of the squared changes over the square of the summed ones:
    1 where they are orthogonal, 1 / N where they are equal. So the sum is scaled by it, which makes it the sum in the
    one case and the mean in the other. (Adasum, Maleki et al., 2021, does much the same with two gradients at a time.)

    Parameters
    ----------
    squares, square_of_sum : numpy.ndarray
        ``[U]``: the squared lengths of the changes, summed over the learners, and of their sum.

    Examples
    --------
    Two learners whose changes of a row are orthogonal, are equal, or of which only one has met the word:

    >>> agreement(np.array([2.0, 2.0, 1.0]), np.array([2.0, 4.0, 1.0])).round(3).tolist()
    [1.0, 0.5, 1.0]

    """
    return squares / np.maximum(np.maximum(squares, square_of_sum), np.finfo(np.float32).tiny)


def merge(
    weights: Sequence[np.ndarray], updates: Updates, machines: Machines, each: Callable[..., Iterable] = map,
    threads: int = 1,
) -> None:  # fmt: skip
    """Add to the weights, in place, the updates of all learners of all machines.

    Parameters
    ----------
    weights : list of numpy.ndarray
        float32 ``[V, D]``, as they were after the last merge.
    updates : Updates
        Of this machine's learners.
    machines : tfw2v_gensim.training.machines.Machines
    each : callable
        Like ``map``; some words of the vocabulary are merged at a time, and those of a pool of threads side by side.
    threads : int
        How many threads the pool has: each is given as much to do.
    """
    alone = machines.rank.workers == 1
    met = np.full(len(weights[0]), not alone)  # what the others have met nobody knows
    for words in updates.words:
        met[words] = True
    all_words = np.flatnonzero(met)
    place = np.cumsum(met, dtype=np.int32) - 1
    # of each word, by 0 and 1, the changes to be added up
    learners, size = updates.changes[0].shape[:2]
    rows = [place[words] for words in updates.words]
    columns = [np.arange(len(words), dtype=np.int32) + size * i for i, words in enumerate(updates.words)]
    where = np.concatenate([*rows, []]), np.concatenate([*columns, []])
    adding = csr_array((np.ones(len(where[0]), np.float32), where), shape=(len(all_words), learners * size))

    @np.errstate(over="ignore", invalid="ignore")  # where training has diverged, the epoch will say so
    def merge_some(first, last):
        some = adding[first:last]
        for matrix, changes, squares in zip(weights, updates.changes, updates.squares, strict=True):
            sums = some @ changes.reshape(-1, matrix.shape[1]), some @ squares.reshape(-1)
            total, squared = machines.sum_arrays(*sums)
            total *= agreement(squared, np.einsum("ud,ud->u", total, total))[:, None]
            matrix[all_words[first:last]] += total

    parts = threads * -(-len(all_words) // (threads * WORDS_TOGETHER)) if alone else min(len(all_words), 1)
    ends = np.linspace(0, len(all_words), parts + 1).astype(int).tolist()
    for _ in each(merge_some, ends[:-1], ends[1:]):
        pass
