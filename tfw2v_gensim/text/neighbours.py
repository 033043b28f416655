"""How much a corpus says about each word: how many different words stand next to it. Numpy only.

A pair of words that is seen again is no new evidence: walks over a graph pass the same edge dozens of times, where a
text of the same length hardly repeats itself.
"""

from __future__ import annotations

import numpy as np

# Marks of pairs seen, a bit each: 2 MiB, that stay in the processor's cache, and 32 MiB for texts of more pairs than
# some ten million
_MARKS, _MOST_MARKS = 1 << 24, 1 << 28

# Words counted at once, at the most, and as a share of the marks: few enough for the processor's cache, and to take no
# more than a 512th of the marks meanwhile
_WORDS_AT_ONCE, _MARKS_A_WORD = 1 << 15, 1 << 9

# When a quarter of the most marks is free, one pair in eight is looked at, and again with each further half of them
# gone. Of the powers of two it is the one with the least variance from a billion pairs to ten.
_THINNED_BY_BITS = 3

# Two odd numbers without a pattern, for the hash of a pair
_SHIFT, _SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


class DistinctNeighbours:
    """Counts, in one pass and in bounded memory, the different words that stand beside each word, on either side.

    A pair's hash has a mark: a pair is new where its mark is free. Of the new pairs, as many find their mark taken by
    another as there are marks taken, so each that is found new counts for ``1 / (share of free marks)``: without bias,
    whatever the number of pairs (Whang, Vander-Zanden and Taylor, 1990, "A linear-time probabilistic counting
    algorithm"; Ting, 2014, "Streamed approximate counting of distinct elements").

    When half of the marks are taken, each becomes several, as taken as it was. When most are taken, only one pair in
    ``2**k`` is looked at, by further bits of its hash, and counts for as many; k grows as marks are taken. So the total
    is unbiased up to some hundred billion pairs. A word's own count is the noisier the fewer neighbours it has: of N
    pairs a new one counts for 4 at 200 million, some 100 at a billion, and 1,000 at ten, so n neighbours have a
    standard deviation of the root of ``n`` times that.

    Parameters
    ----------
    marks, most_marks : int
        Powers of two: at first, and for many pairs, at least eight times as many. An eighth of a byte each.

    Examples
    --------
    >>> neighbours = DistinctNeighbours()
    >>> neighbours.add(np.array([0, 1, 0, 1, 2], np.int32), np.array([4, 1]))  # two sentences
    >>> neighbours.counts(3).round(3).tolist()
    [1.0, 1.0, 0.0]

    """

    def __init__(self, marks: int = _MARKS, most_marks: int = _MOST_MARKS) -> None:
        self.taken_bits = np.zeros(marks // 8, np.uint8)
        self.most_marks = most_marks
        self.last = np.zeros(1 << 16, np.int32)
        self.taken = 0
        self.found = np.zeros(0)
        self.ids, self.ends_sentence = np.zeros(0, np.int32), np.zeros(0, np.bool_)  # the last words, not counted yet

    @property
    def marks(self) -> int:
        """How many marks there are."""
        return 8 * len(self.taken_bits)

    @property
    def at_once(self) -> int:
        """How many words are counted at once, however they come: a text always has the same counts."""
        return min(max(self.marks // _MARKS_A_WORD, 1), _WORDS_AT_ONCE)

    @property
    def thinned_by_bits(self) -> int:
        """The k of: one pair in ``2**k`` is looked at."""
        halves = int(np.log2(self.marks / max(self.marks - self.taken, 1)))
        return _THINNED_BY_BITS * max(halves - 1, 0)

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
        ends_sentence = np.zeros(len(ids), np.bool_)  # two sentences' words are no neighbours
        ends_sentence[ends[ends > 0] - 1] = True
        ids, ends_sentence = np.concatenate([self.ids, ids]), np.concatenate([self.ends_sentence, ends_sentence])
        most = int(ids.max(initial=-1)) + 1
        if most > len(self.found):
            self.found = np.concatenate([self.found, np.zeros(most + most // 2 - len(self.found))])
        done = 0
        while len(ids) - done > (at_once := self.at_once):
            self._add(ids[done : done + at_once + 1], ends_sentence[done : done + at_once + 1])
            done += at_once
        self.ids, self.ends_sentence = ids[done:], ends_sentence[done:]

    def _add(self, ids, ends_sentence):
        # (left + c) (right + c) tells unordered pairs apart; its upper bits are spread by a second product
        hashes = ids.astype(np.uint64) + _SHIFT
        hashes = hashes[:-1] * hashes[1:]
        hashes *= _SPREAD
        bits, thinned_by = self.marks.bit_length() - 1, self.thinned_by_bits
        is_looked_at = ~ends_sentence[:-1]
        if thinned_by:  # by the bits below those that tell the mark
            is_looked_at &= hashes << np.uint64(bits) >> np.uint64(64 - thinned_by) == 0
        marks = (hashes >> np.uint64(64 - bits)).view(np.int64)
        at_byte, bit = marks >> 3, np.uint8(1) << (marks.astype(np.uint8) & np.uint8(7))
        free = self.marks - self.taken
        at = np.flatnonzero((self.taken_bits[at_byte] & bit == 0) & is_looked_at)
        while len(at):  # a pair may be new several times: the last of those that share a slot comes first, once
            slots = at_byte[at] & (len(self.last) - 1)
            self.last[slots] = at
            once = at[self.last[slots] == at]
            self.taken_bits[at_byte[once]] |= bit[once]
            self.taken += len(once)
            left, right = ids[once], ids[once + 1]
            evidence = 1.0 / (free / self.marks) * (1 << thinned_by)
            np.add.at(self.found, left, evidence)
            np.add.at(self.found, right[left != right], evidence)
            at = at[self.taken_bits[at_byte[at]] & bit[at] == 0]
        if self.taken >= self.marks // 2 and self.marks < self.most_marks:
            self._grow()

    def _grow(self):
        """Make of each mark several, as taken as it was: those whose hashes begin with its own."""
        bytes_a_mark = self.most_marks // self.marks // 8
        self.taken *= 8 * bytes_a_mark
        taken = np.unpackbits(self.taken_bits, bitorder="little")
        taken *= np.uint8(255)
        self.taken_bits = np.repeat(taken, bytes_a_mark)

    def counts(self, words: int) -> np.ndarray:
        """Return how many different neighbours each of so many words has, float64 ``[words]``."""
        self._add(self.ids, self.ends_sentence)
        self.ids, self.ends_sentence = self.ids[-1:], self.ends_sentence[-1:]
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
    (1.0, 0.11)

    """
    shares = np.maximum(distinct_neighbours, 1.0) / neighbours_of_text(np.maximum(counts, 1.0))
    return float(min(np.exp(np.log(shares).mean()), 1.0)) if len(counts) else 1.0
