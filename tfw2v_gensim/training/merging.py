"""The updates of several learners, merged: replicas of one process, and the machines of a cluster. Numpy only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from tfw2v_gensim.training.machines import Machines

# Words that are merged at a time, at the most
WORDS_TOGETHER = 1 << 12


class Update(NamedTuple):
    """How one learner has changed the rows that it has trained since the last merge.

    Attributes
    ----------
    words : numpy.ndarray
        int32 ``[U]``, each once; ascending, unless other machines have learnt, too.
    changes : list of numpy.ndarray
        float32 ``[U, D]`` for each matrix of the weights: how these words' rows have changed.
    """

    words: np.ndarray
    changes: Sequence[np.ndarray]


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
    weights: Sequence[np.ndarray], updates: Sequence[Update], machines: Machines, each: Callable[..., Iterable] = map,
    threads: int = 1,
) -> None:  # fmt: skip
    """Add to the weights, in place, the updates of all learners of all machines.

    Parameters
    ----------
    weights : list of numpy.ndarray
        float32 ``[V, D]``, as they were after the last merge.
    updates : list of Update
        Of this machine's learners.
    machines : tfw2v_gensim.training.machines.Machines
    each : callable
        Like ``map``; some words of the vocabulary are merged at a time, and those of a pool of threads side by side.
    threads : int
        How many threads the pool has: each is given as much to do.
    """
    met = np.zeros(len(weights[0]), np.bool_)
    for words, _ in updates:
        met[words] = True
    alone = machines.rank.workers == 1
    if not alone:
        met[:] = True  # what the others have met nobody knows
    all_words = np.flatnonzero(met)
    place = np.cumsum(met, dtype=np.int32) - 1
    places = [place[words] for words, _ in updates]

    @np.errstate(over="ignore", invalid="ignore")  # where training has diverged, the epoch will say so
    def merge_some(first, last):
        for which, matrix in enumerate(weights):
            total = np.zeros((last - first, matrix.shape[1]), np.float32)
            squares = np.zeros(last - first, np.float32)
            for (_, changes), rows in zip(updates, places, strict=True):
                own = slice(*np.searchsorted(rows, (first, last))) if alone else slice(None)
                change = changes[which][own]
                at = slice(None) if alone and len(change) == last - first else rows[own] - first
                total[at] += change
                squares[at] += np.einsum("ud,ud->u", change, change)
            total, squares = machines.sum_arrays(total, squares)
            total *= agreement(squares, np.einsum("ud,ud->u", total, total))[:, None]
            matrix[all_words[first:last]] += total

    parts = threads * -(-len(all_words) // (threads * WORDS_TOGETHER)) if alone else min(len(all_words), 1)
    ends = np.linspace(0, len(all_words), parts + 1).astype(int).tolist()
    for _ in each(merge_some, ends[:-1], ends[1:]):
        pass
