"""Words as the numbers in which they first occurred: a megabyte of text at a time, by their bytes. Numpy only.

To split a text into Python's strings and to look up each in a dictionary takes two and a half times as long, and with a
vocabulary of a million words, where each look-up misses the processor's caches, four times.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from gensim import utils

# Bytes of a file, or words of other sentences, that are numbered at a time: their arrays stay in the processor's cache
_BYTES_AT_ONCE, _WORDS_AT_ONCE = 1 << 20, 1 << 17

# What str.split takes for blanks beyond ASCII's, in UTF-8
_WIDE_BLANKS = re.compile(
    b"\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80"
)  # fmt: skip

# Eight bytes, as a number, of which so many belong to a word: those that do, and a byte behind them that ends no word,
# so that no two words of up to eight bytes are the same number
_OWN = np.array([(1 << 8 * own) - 1 for own in range(9)], np.uint64)
_END = np.array([0x80 << 8 * own for own in range(8)] + [0], np.uint64)

# Words longer than this, in bytes, are hashed one by one
_LONGEST = 64

_LOWER, _HALF = np.uint64((1 << 32) - 1), np.uint64(32)


class HashKeys(NamedTuple):
    """Random keys of a hash: who does not know them cannot choose words that share a hash, or a slot of a table.

    They come from the operating system and not from a model's seed: words are numbered in the order of their first
    occurrence, so that nothing depends on them.

    Attributes
    ----------
    multipliers : numpy.ndarray
        uint64 ``[2]``, odd: of words of up to eight bytes, and of all hashes at the end.
    factors : numpy.ndarray
        uint64 ``[8, 2, 2]``: for each eight bytes of a longer word, their lower and upper half, either half of the
        hash.
    of_long : bytes
        For words of more than 64 bytes.
    """

    multipliers: np.ndarray
    factors: np.ndarray
    of_long: bytes

    @classmethod
    def drawn(cls) -> HashKeys:
        """Draw keys that nobody knows."""
        numbers = np.frombuffer(secrets.token_bytes(8 * 34), np.uint64)
        return cls(numbers[:2] | np.uint64(1), numbers[2:].reshape(8, 2, 2), secrets.token_bytes(32))


class Words(NamedTuple):
    """Words of a piece of text.

    Attributes
    ----------
    text : bytes
        UTF-8, with eight bytes at its end that belong to no word.
    starts, lengths : numpy.ndarray
        int64 ``[n]``: where each word's bytes begin, and how many they are.
    """

    text: bytes
    starts: np.ndarray
    lengths: np.ndarray

    def spelled(self, which: np.ndarray) -> list[str]:
        """Return some of the words as strings."""
        starts = self.starts[which]
        spans = zip(starts.tolist(), (starts + self.lengths[which]).tolist(), strict=True)
        return [self.text[start:end].decode("utf-8", "surrogatepass") for start, end in spans]

    def hashes(self, keys: HashKeys) -> np.ndarray:
        """Return a number for each word, uint64 ``[n]``, not 0: the same for equal words, others for others.

        Two words of up to eight bytes have different ones, as multiplication by an odd number can be undone. Two given
        words of which one is longer share theirs with a probability of ``2**-64``, whatever they are: a million
        different words have two that do with a probability of 3e-8, a hundred million with 3e-4. (Either way two
        words in ``2**64`` become 1 together.)

        References
        ----------
        Lemire and Kaser, "Strongly universal string hashing is fast" (2014): the upper half of a sum of 32-bit pieces,
        each times a random number of 64 bits.
        """
        eight_bytes = np.ndarray(len(self.text) - 7, "<u8", self.text, strides=(1,))  # beginning anywhere
        own = np.minimum(self.lengths, 8)
        hashed = eight_bytes[self.starts] & _OWN[own] | _END[own]
        hashed *= keys.multipliers[0]
        longer = np.flatnonzero((self.lengths > 8) & (self.lengths <= _LONGEST))
        hashed[longer] = self._hashes_of_longer(longer, eight_bytes, keys.factors)
        hashed = (hashed ^ hashed >> _HALF) * keys.multipliers[1]  # a table's slots are told by the upper bits
        for long in np.flatnonzero(self.lengths > _LONGEST):
            start, end = self.starts[long], self.starts[long] + self.lengths[long]
            digest = hashlib.blake2b(self.text[start:end], digest_size=8, key=keys.of_long).digest()
            hashed[long] = int.from_bytes(digest, "little")
        return np.maximum(hashed, np.uint64(1))

    def _hashes_of_longer(self, longer, eight_bytes, factors):
        starts, lengths = self.starts[longer], self.lengths[longer]
        hashed = _products(eight_bytes[starts], factors[0])
        left = np.arange(len(longer))  # words that have not ended yet
        for done, of_piece in zip(range(8, _LONGEST, 8), factors[1:], strict=True):
            own = np.minimum(lengths[left] - done, 8)
            hashed[:, left] += _products(eight_bytes[starts[left] + done] & _OWN[own] | _END[own], of_piece)
            left = left[lengths[left] > done + 8]
            if not len(left):
                break
        return hashed[0] & ~_LOWER | hashed[1] >> _HALF


def _products(pieces, factors):
    """Return the sum of both halves of 64-bit numbers, each times its factors: uint64 ``[2, n]``."""
    lower, upper = pieces & _LOWER, pieces >> _HALF
    return np.array([lower * of_lower + upper * of_upper for of_lower, of_upper in factors.T])


def words_of_lines(lines: bytes) -> tuple[Words, np.ndarray]:
    r"""Find the words of whole lines, apart from each other by blanks as ``str.split`` says.

    Returns
    -------
    words : Words
    lengths : numpy.ndarray
        int64: how many words each line has; lines without any are left out.

    Raises
    ------
    UnicodeDecodeError
        If it is no UTF-8.

    Examples
    --------
    >>> words, lengths = words_of_lines("the  cat\n\nsat\u3000down\n".encode())
    >>> words.spelled(np.arange(4)), lengths.tolist()
    (['the', 'cat', 'sat', 'down'], [2, 2])

    """
    if not lines.isascii():
        lines.decode("utf-8")
        lines = _WIDE_BLANKS.sub(b" ", lines)
    text = b"\n" + lines + b"\n" + bytes(8)
    letters = np.frombuffer(text, np.uint8)[:-8]
    blank = (letters == 32) | (letters - 9 < 5) | (letters - 28 < 4)
    edges = np.flatnonzero(blank[1:] != blank[:-1])
    starts = edges[::2] + 1
    before = np.searchsorted(starts, np.flatnonzero(letters == 10))
    lengths = np.diff(before)
    return Words(text, starts, edges[1::2] + 1 - starts), lengths[lengths > 0]


def words_in_lines(joined: str) -> Words:
    """Find the words of a text that has one a line; they may hold blanks, or nothing."""
    text = joined.encode("utf-8", "surrogatepass") + b"\n" + bytes(8)
    ends = np.flatnonzero(np.frombuffer(text, np.uint8)[:-8] == 10)
    starts = np.concatenate([[0], ends[:-1] + 1])
    return Words(text, starts, ends - starts)


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
        for path in files:
            with utils.open(path, "rb") as file:
                while lines := file.read(_BYTES_AT_ONCE) + file.readline():
                    words, lengths = words_of_lines(lines)
                    yield self.of(words), cut(lengths, longest)

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
        hashes = words.hashes(self._keys)
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
