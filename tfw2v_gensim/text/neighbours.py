"""How much a corpus says about each word: how many different words stand next to it. Numpy only.

A pair of words that is seen again is no new evidence: walks over a graph pass the same edge dozens of times, where a
text of the same length hardly repeats itself.
"""

from __future__ import annotations

import numpy as np

# Marks of pairs seen, a byte each: memory does not grow with the corpus
_MARKS = 1 << 24

# Words counted at once, as a share of the marks: few enough for the processor's cache, and to take no more than a 512th
# of the marks meanwhile
_MARKS_A_WORD = 1 << 9

# A free mark is only as likely as this when nearly all are taken; beyond it, the estimate would be mostly noise
_FEWEST_FREE = 0.02

# Two odd numbers without a pattern, for the hash of a pair
_SHIFT, _SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


class DistinctNeighbours:
    """Counts, in one pass and in bounded memory, the different words that stand beside each word, on either side.

    A pair's hash has a mark: a pair is new where its mark is free. Of the new pairs, as many find their mark taken by
    another as there are marks taken, so each that is found new counts for ``1 / (share of free marks)``: without bias,
    whatever the number of pairs (Whang, Vander-Zanden and Taylor, 1990, "A linear-time probabilistic counting
    algorithm").

    Parameters
    ----------
    marks : int
        A power of two; a byte of memory each.

    Examples
    --------
    >>> neighbours = DistinctNeighbours()
    >>> neighbours.add(np.array([0, 1, 0, 1, 2], np.int32), np.array([4, 1]))  # two sentences
    >>> neighbours.counts(3).round(3).tolist()
    [1.0, 1.0, 0.0]

    """

    def __init__(self, marks: int = _MARKS) -> None:
        self.free = np.ones(marks, np.bool_)
        self.last = np.zeros(1 << 16, np.int32)
        self.taken = 0
        self.found = np.zeros(0)
        self.ids, self.crosses = np.zeros(0, np.int32), np.zeros(0, np.bool_)  # the last words, not counted yet

    def add(self, ids: np.ndarray, lengths: np.ndarray) -> None:
        """Take in some more sentences.

        Parameters
        ----------
        ids : numpy.ndarray
            int32 ``[n]``: the words of all sentences, one after the other; none may be negative.
        lengths : numpy.ndarray
            int64: words of each sentence.
        """
        ends = np.cumsum(lengths)
        crosses = np.zeros(len(ids), np.bool_)  # two sentences' words are no neighbours
        crosses[ends[ends > 0] - 1] = True
        ids, crosses = np.concatenate([self.ids, ids]), np.concatenate([self.crosses, crosses])
        most = int(ids.max(initial=-1)) + 1
        if most > len(self.found):
            self.found = np.concatenate([self.found, np.zeros(most + most // 2 - len(self.found))])
        at_once = max(len(self.free) // _MARKS_A_WORD, 1)  # however they come: a text always has the same counts
        done = max(len(ids) - 1, 0) // at_once * at_once
        for start in range(0, done, at_once):
            self._add(ids[start : start + at_once + 1], crosses[start : start + at_once + 1])
        self.ids, self.crosses = ids[done:], crosses[done:]

    def _add(self, ids, crosses):
        # (left + c) (right + c) tells unordered pairs apart; its upper bits are spread by a second product
        marks = ids.astype(np.uint64) + _SHIFT
        marks = marks[:-1] * marks[1:]
        marks *= _SPREAD
        marks >>= np.uint64(64 - (len(self.free) - 1).bit_length())
        marks = marks.view(np.int64)
        evidence = 1.0 / max(1.0 - self.taken / len(self.free), _FEWEST_FREE)
        at = np.flatnonzero(self.free[marks] & ~crosses[:-1])
        while len(at):  # a pair may be new several times: the last of those that share a slot comes first, once
            slots = marks[at] & (len(self.last) - 1)
            self.last[slots] = at
            once = at[self.last[slots] == at]
            self.free[marks[once]] = False
            self.taken += len(once)
            left, right = ids[once], ids[once + 1]
            np.add.at(self.found, left, evidence)
            np.add.at(self.found, right[left != right], evidence)
            at = at[self.free[marks[at]]]

    def counts(self, words: int) -> np.ndarray:
        """Return how many different neighbours each of so many words has, float64 ``[words]``."""
        self._add(self.ids, self.crosses)
        self.ids, self.crosses = self.ids[-1:], self.crosses[-1:]
        return np.concatenate([self.found, np.zeros(max(words - len(self.found), 0))])[:words]


def neighbours_of_text(counts: np.ndarray) -> np.ndarray:
    """Guess how many different neighbours words have that occur so often, where there is no corpus to count them in.

    A power law, fitted to 17 million words of Wikipedia, where it is right within a third from 5 to 300,000 times.

    Examples
    --------
    >>> neighbours_of_text(np.array([5, 1000, 100000])).round().tolist()
    [8.0, 525.0, 19064.0]

    """
    return 2.4 * np.asarray(counts, np.float64) ** 0.78


def novelty(counts: np.ndarray, distinct_neighbours: np.ndarray) -> float:
    """Return how much of a corpus is new where a text would be: 1 for a text, about 0.1 for walks over a graph.

    The mean word's share (geometric) of the different neighbours that a word of a text has which occurs as often. Walks
    pass the same edges again and again; sessions of 10,000 items have 0.9.

    Parameters
    ----------
    counts, distinct_neighbours : numpy.ndarray
        ``[V]``: how often each word occurs, and how many different words stand next to it.

    Examples
    --------
    >>> counts = np.array([100.0, 10.0])
    >>> novelty(counts, neighbours_of_text(counts)), round(novelty(counts, np.array([8.0, 2.0])), 2)
    (1.0, 0.12)

    """
    shares = np.maximum(distinct_neighbours, 1.0) / neighbours_of_text(np.maximum(counts, 1.0))
    return float(min(np.exp(np.log(shares).mean()), 1.0)) if len(counts) else 1.0
