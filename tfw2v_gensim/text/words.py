"""The words of a text, found and told apart by their bytes: many at a time. Numpy only."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import NamedTuple

import numpy as np

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
