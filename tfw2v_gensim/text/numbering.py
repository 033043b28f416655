"""Words as the numbers in which they first occurred: a megabyte of text at a time, by their bytes. Numpy only.

To split a text into Python's strings and to look up each in a dictionary takes two and a half times as long, and with a
vocabulary of a million words, where each look-up misses the processor's caches, four times.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from gensim import utils

from tfw2v_gensim.text.ahead import mapped_ahead
from tfw2v_gensim.text.words import HashKeys, Words, words_in_lines, words_of_lines

# Bytes of a file, or words of other sentences, that are numbered at a time: their arrays stay in the processor's cache
_BYTES_AT_ONCE, _WORDS_AT_ONCE = 1 << 20, 1 << 17


class Numbering:
    """Numbers words in the order in which they first occur, from 0 on.

    A hash table with open addressing, looked up and filled for many words at a time.

    Attributes
    ----------
    words : list of str
        The different words so far, by their numbers.

    Examples
    --------
    >>> numbering = Numbering()
    >>> [(ids.tolist(), lengths.tolist()) for ids, lengths in numbering.of_sentences([["b", "a", "b"], [], ["c"]])]
    [([0, 1, 0, 2], [3, 0, 1])]
    >>> numbering.words
    ['b', 'a', 'c']

    """

    def __init__(self) -> None:
        self.words: list[Any] = []
        self._stand_ins: dict[Hashable, str] = {}
        self._keys = HashKeys.drawn()
        self._table = np.zeros((1 << 16, 2), np.uint64)  # hash and number, side by side in the processor's cache

    def of_files(self, files: Iterable[str | os.PathLike], longest: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give the words of files their numbers, one sentence a line.

        Parameters
        ----------
        files : iterable
            Paths, also of compressed and remote files.
        longest : int
            Longer lines are cut into sentences of so many words.

        Yields
        ------
        numbers : numpy.ndarray
            int32 ``[n]``
        lengths : numpy.ndarray
            int64, words of each sentence.
        """
        for words, hashes, lengths in mapped_ahead(self._hashed, _lines_of(files)):
            yield self._of_hashed(words, hashes), cut(lengths, longest)

    def _hashed(self, lines):
        """Find the words of some lines; return them, their hashes, and how many words each line has."""
        words, lengths = words_of_lines(lines)
        return words, words.hashes(self._keys), lengths

    def of_sentences(
        self, sentences: Iterable[Sequence[Hashable]], words_at_once: float | None = None, of: Callable | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give the words of sentences, usually strings, their numbers as :meth:`of_files` does.

        Parameters
        ----------
        sentences : iterable of sequences
        words_at_once : float, optional
            Words at a time, at least; whole sentences only.
        of : callable, optional
            What gives them their numbers: :meth:`of`, or :meth:`of_known`.
        """
        of, words_at_once = of or self.of, words_at_once or _WORDS_AT_ONCE

        def numbers_of(joined):
            return of(words_in_lines("\n".join(joined))) if joined else np.zeros(0, np.int32)

        joined: list[str] = []
        lengths: list[int] = []
        words = 0
        for sentence in sentences:
            lengths.append(len(sentence))
            words += len(sentence)
            if len(sentence):
                joined.append(self._joined(sentence))
            if words >= words_at_once:
                yield numbers_of(joined), np.array(lengths, np.int64)
                joined, lengths, words = [], [], 0
        if lengths:
            yield numbers_of(joined), np.array(lengths, np.int64)

    def _joined(self, sentence):
        """Return a sentence as text, one word a line."""
        try:
            text = "\n".join(sentence)
            if text.count("\n") == len(sentence) - 1:
                return text
        except TypeError:
            pass
        # anything that can be a dictionary's key may be a word; half a character stands in for what cannot be written
        return "\n".join(
            word if isinstance(word, str) and "\n" not in word
            else self._stand_ins.setdefault(word, f"\udfff{len(self._stand_ins)}")
            for word in sentence
        )  # fmt: skip

    def of(self, words: Words) -> np.ndarray:
        """Return the numbers of some more words, int32 ``[n]``."""
        return self._of_hashed(words, words.hashes(self._keys))

    def _of_hashed(self, words, hashes):
        numbers = self._numbers_of(hashes)
        new = np.flatnonzero(numbers < 0)
        if len(new):
            different, first, which = np.unique(hashes[new], return_index=True, return_inverse=True)
            by_occurrence = np.argsort(first)
            place = np.empty_like(first)
            place[by_occurrence] = np.arange(len(self.words), len(self.words) + len(first))
            numbers[new] = place[which]
            self.words += words.spelled(new[first[by_occurrence]])
            self._insert(different, place)
        return numbers.astype(np.int32)

    def of_known(self, words: Words) -> np.ndarray:
        """Return the numbers of some words, int32 ``[n]``, -1 for those that have none."""
        return self._numbers_of(words.hashes(self._keys)).astype(np.int32)

    def _numbers_of(self, hashes):
        """Look hashes up; -1 for those that are new."""
        keys, numbers = self._columns()
        at = self._home(hashes)
        found = np.where(keys[at] == hashes, numbers[at], -1)
        missed = np.flatnonzero(found < 0)
        while len(missed):  # it is in the next slot that is not taken by another word, or new
            missed = missed[keys[at[missed]] != 0]
            at[missed] = self._next(at[missed])
            is_there = keys[at[missed]] == hashes[missed]
            found[missed[is_there]] = numbers[at[missed[is_there]]]
            missed = missed[~is_there]
        return found

    def _insert(self, hashes, numbers):
        if len(self.words) > len(self._table) // 2:
            keys, before = (column[self._table[:, 0] != 0] for column in self._columns())
            hashes, numbers = np.concatenate([keys, hashes]), np.concatenate([before, numbers])
            bits = (4 * len(self.words)).bit_length() - 1
            self._table = np.zeros((1 << bits, 2), np.uint64)
        keys, values = self._columns()
        at = self._home(hashes)
        while len(hashes):
            free = np.flatnonzero(keys[at] == 0)
            keys[at[free]] = hashes[free]  # of several that want a slot, the last one has it
            left = keys[at] != hashes
            values[at[~left]] = numbers[~left]
            hashes, numbers, at = hashes[left], numbers[left], self._next(at[left])

    def _columns(self):
        return self._table[:, 0], self._table[:, 1].view(np.int64)

    def _home(self, hashes):
        """Return the slot in which to look for each word first."""
        return (hashes >> np.uint64(64 - (len(self._table) - 1).bit_length())).view(np.int64)

    def _next(self, slots):
        return (slots + 1) & (len(self._table) - 1)

    def all_words(self) -> list[Any]:
        """Return the different words, by their numbers, as the sentences have them."""
        back = {stand_in: word for word, stand_in in self._stand_ins.items()}
        return [back.get(word, word) for word in self.words] if back else self.words


def _lines_of(files):
    """Read files, some whole lines at a time."""
    for path in files:
        with utils.open(path, "rb") as file:
            while lines := file.read(_BYTES_AT_ONCE) + file.readline():
                yield lines


def cut(lengths: np.ndarray, longest: int) -> np.ndarray:
    """Cut sentences into some of so many words at the most; returns the lengths of all.

    Examples
    --------
    >>> cut(np.array([3, 5, 10]), longest=5).tolist(), cut(np.array([3, 11]), longest=5).tolist()
    ([3, 5, 5, 5], [3, 5, 5, 1])

    """
    if lengths.max(initial=0) <= longest:
        return lengths
    parts = -(-lengths // longest)
    whole = np.full(parts.sum(), longest)
    whole[np.cumsum(parts) - 1] = lengths - (parts - 1) * longest
    return whole
