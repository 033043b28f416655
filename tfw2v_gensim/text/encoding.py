"""Sentences as numbers, some hundred thousand words at a time; those of a file are kept on disk. Numpy only.

Splitting a text and looking up its words takes a quarter of an epoch's time. A file is the same at every pass, so it is
done once, while the words of the vocabulary are counted. The words of other sentences are looked up at every pass.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tfw2v_gensim.text.corpora import lines_read_by
from tfw2v_gensim.text.neighbours import DistinctNeighbours
from tfw2v_gensim.text.numbering import Numbering

logger = logging.getLogger(__name__)

# No more words than this are kept, 4 bytes each: a folder for temporary files may be in memory.
MOST_WORDS = 1 << 28


def slabs_of(
    sentences: Iterable[Sequence[str]], words: float, key_to_index: dict[str, int]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Encode sentences, some at a time.

    Parameters
    ----------
    sentences : iterable of list of str
        Of any length.
    words : float
        Words at a time, at least; whole sentences only.
    key_to_index : dict
        Row of each known word.

    Yields
    ------
    ids : numpy.ndarray
        int32 ``[n]``, -1 for words outside the vocabulary.
    lengths : numpy.ndarray
        int64, words of each sentence.

    Examples
    --------
    >>> slabs = slabs_of([["a", "b"], ["c"], ["b"]], 3, {"a": 0, "b": 1})
    >>> [(ids.tolist(), lengths.tolist()) for ids, lengths in slabs]
    [([0, 1, -1], [2, 1]), ([1], [1])]

    """
    row_of, unknown = key_to_index.get, itertools.repeat(-1)
    ids: list[int] = []
    lengths: list[int] = []
    for sentence in sentences:
        ids += map(row_of, sentence, unknown)
        lengths.append(len(sentence))
        if len(ids) >= words:
            yield np.array(ids, np.int32), np.array(lengths, np.int64)
            ids, lengths = [], []
    if lengths:
        yield np.array(ids, np.int32), np.array(lengths, np.int64)


def checked(sentences: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Pass sentences on; warn as gensim does if they are strings, whose words are their characters.

    Raises
    ------
    TypeError
        If they are rows of a table, with a column's name for each value.
    """
    for number, sentence in enumerate(sentences):
        if not number and isinstance(sentence, str):
            logger.warning(
                "Each 'sentences' item should be a list of words (usually unicode strings). "
                "First item here is instead plain %s: each of its characters is a word, unless it is split, as by "
                "str.split.", type(sentence),
            )  # fmt: skip
        if not number and isinstance(sentence, Mapping):
            raise TypeError(
                f"each item of sentences must be a list of words, got a {type(sentence).__name__} with the keys "
                f"{', '.join(map(repr, sentence))}: give one column, and if its cells are strings, split them, as by "
                f"str.split"
            )
        yield sentence


def fingerprint(key_to_index: dict[str, int]) -> int:
    """Return a number of 64 bits, good within a process: another one for other words, rows or another order of words.

    A million words take a tenth of a second, once an epoch.

    Examples
    --------
    >>> fingerprint({"a": 0, "b": 1}) == fingerprint({"a": 0, "b": 1}) != fingerprint({"b": 0, "a": 1})
    True

    """
    return hash((tuple(key_to_index), tuple(key_to_index.values())))


class EncodedText:
    """The words of a text as the numbers in which they first occurred, counted with their neighbours on the way.

    Parameters
    ----------
    sentences : iterable of list of str
    state : tuple or None
        What tells this text from others: see :func:`tfw2v_gensim.text.corpora.corpus_signature`. With None it is only
        counted.

    Examples
    --------
    >>> from gensim.models.word2vec import LineSentence
    >>> from gensim.test.utils import datapath
    >>> text = EncodedText(LineSentence(datapath("lee_background.cor")), state=("Lee",))
    >>> sum(len(numbers) for numbers, _ in text.read()), text.counts()["the"]
    (59890, 3523)
    >>> text.distinct_neighbours({"the": 0, "of": 1}).round().tolist()
    [2348.0, 1371.0]
    >>> ids, lengths = next(text.slabs(100, {"the": 0, "of": 1}))
    >>> lengths.tolist(), np.bincount(ids + 1).tolist()
    ([316], [282, 22, 12])

    """

    def __init__(self, sentences: Iterable[Sequence[str]], state: tuple | None) -> None:
        self.state = state
        self.total_words = 0
        self.raw_vocab: dict[str, int] | None = None
        self._sentences = sentences
        self._numbering = Numbering()
        self._counts = np.zeros(0, np.int64)
        self._lengths: list[np.ndarray] = []
        self._neighbours = DistinctNeighbours()
        self._file: Any = None
        self._rows: np.ndarray | None = None
        self._rows_fingerprint: int | None = None

    def read(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Read the text to its end, once; yields the words' numbers and the sentences' lengths, some at a time."""
        sentences, self._sentences = self._sentences, ()  # they need not stay: nothing reads them again
        if self.state is not None:
            with self._dropped_if_the_disk_is_full():
                self._file = tempfile.TemporaryFile(prefix="tfw2v-")  # noqa: SIM115, it outlives this function
        lines = lines_read_by(sentences)
        if lines is not None:
            numbered = self._numbering.of_files(*lines)
        else:
            numbered = self._numbering.of_sentences(checked(sentences))
        for numbers, lengths in numbered:
            self._add(numbers, lengths)
            yield numbers, lengths
        if self._file is not None:
            with self._dropped_if_the_disk_is_full():
                self._file.flush()  # or the last words would be written when the first are read

    def count(self, progress_per: int) -> tuple[int, int]:
        """Read the text to its end, and log how far it is as gensim does; returns its words and its sentences."""
        words = sentences = word_types = 0
        for numbers, lengths in self.read():
            before = np.cumsum(lengths) - lengths
            seen = 0
            for sentence in range(-sentences % progress_per, len(lengths), progress_per):
                word_types = max(word_types, int(numbers[seen : before[sentence]].max(initial=-1)) + 1)
                seen = before[sentence]
                logger.info(
                    "PROGRESS: at sentence #%i, processed %i words, keeping %i word types",
                    sentences + sentence, words + seen, word_types,
                )  # fmt: skip
            word_types = len(self._numbering.words)
            sentences, words = sentences + len(lengths), words + len(numbers)
        return words, sentences

    def _add(self, encoded, lengths):
        counts = np.bincount(encoded, minlength=len(self._numbering.words))
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        self.total_words += len(encoded)
        self._neighbours.add(encoded, lengths)
        if self.total_words > MOST_WORDS:
            self.drop()
        if self._file is not None:
            self._lengths.append(lengths.astype(np.int32))
            with self._dropped_if_the_disk_is_full():
                self._file.write(encoded.tobytes())

    @contextlib.contextmanager
    def _dropped_if_the_disk_is_full(self):
        try:
            yield
        except OSError as error:  # the text itself is still there to be read
            logger.info("not keeping the encoded text: %s", error)
            self.drop()

    def drop(self) -> None:
        """Give the disk space back."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # closing writes what a full disk has left in the buffer
                self._file.close()
        self._file = None
        self._lengths = []

    def counts(self) -> defaultdict[str, int]:
        """Occurrences of each word, in the order of their first."""
        return defaultdict(int, zip(self._numbering.all_words(), self._counts.tolist(), strict=True))

    def distinct_neighbours(self, key_to_index: dict[str, int]) -> np.ndarray:
        """Return how many different words stand next to each of a vocabulary, float64 ``[V]``; to be asked once."""
        rows = self._rows_of(key_to_index)
        known = rows >= 0
        distinct = np.zeros(len(key_to_index))
        distinct[rows[known]] = self._neighbours.counts(len(rows))[known]
        self._neighbours = DistinctNeighbours(8)  # its memory is of no more use
        return distinct

    def _rows_of(self, key_to_index):
        """Rows of the words by their numbers; -1 for those that are not in the vocabulary."""
        if self._rows is None:  # the words themselves are of no more use, and many
            self._rows = np.array([key_to_index.get(word, -1) for word in self._numbering.all_words()], np.int32)
            self._rows_fingerprint = fingerprint(key_to_index)
            if self._file is None:
                self._numbering.words = []  # other sentences can still be looked up by their hashes
            else:
                self._numbering = Numbering()
            self._counts = np.zeros(0, np.int64)
        return self._rows

    def matches(self, state: tuple | None, key_to_index: dict[str, int]) -> bool:
        """Whether :meth:`slabs` gives a corpus of this state, seen through a vocabulary."""
        return self._file is not None and self.state == state and self._has_rows_of(key_to_index)

    def covers_vocabulary(self, key_to_index: dict[str, int]) -> bool:
        """Whether :meth:`slabs_of` finds all words of a vocabulary: they are those of this text, which is not kept."""
        if self._file is not None or self._rows is None:
            return False
        return len(key_to_index) == np.count_nonzero(self._rows >= 0) and self._has_rows_of(key_to_index)

    def _has_rows_of(self, key_to_index):
        """Whether the rows, looked up once, are those of this vocabulary, which may have changed since."""
        return self._rows is None or self._rows_fingerprint == fingerprint(key_to_index)

    def slabs_of(
        self, sentences: Iterable[Sequence[str]], words: float, key_to_index: dict[str, int]
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give sentences as the function :func:`slabs_of` does, by the hashes of this text's words: sooner.

        Only for a vocabulary that it covers: see :meth:`covers_vocabulary`.
        """
        rows = np.append(self._rows_of(key_to_index), np.int32(-1))  # the last: of unknown words, of number -1
        for numbers, lengths in self._numbering.of_sentences(sentences, words, self._numbering.of_known):
            yield rows[numbers], lengths

    def slabs(self, words: float, key_to_index: dict[str, int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give the whole text as :func:`slabs_of` gives sentences, if it :meth:`matches`."""
        rows = self._rows_of(key_to_index)
        self._file.seek(0)
        ahead, more = np.zeros(0, np.int64), iter(self._lengths)  # of sentences that come next; few at a time
        while True:
            while ahead.sum() < words and (some := next(more, None)) is not None:
                ahead = np.concatenate([ahead, some])
            if not len(ahead):
                return
            last = int(np.searchsorted(np.cumsum(ahead), words)) + 1
            slab, ahead = ahead[:last], ahead[last:]
            yield rows[np.frombuffer(self._file.read(4 * int(slab.sum())), np.int32)], slab
