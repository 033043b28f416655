"""Texts, and the files that hold them: which of them stay the same, and one worker's share of each."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from sys import maxsize
from typing import Any

from gensim import utils
from gensim.models.word2vec import LineSentence, PathLineSentences, Text8Corpus
from smart_open import compression


def lines_of(corpus_file: str | os.PathLike) -> LineSentence:
    """Sentences of a file, one a line; none is cut, as gensim's would be after 10,000 words."""
    return LineSentence(corpus_file, max_sentence_length=maxsize)


def files_of(sentences: Any) -> list | None:
    """Return what a corpus of gensim's reads, paths or open files; None for any other corpus."""
    if type(sentences) is LineSentence:
        return [sentences.source]
    if type(sentences) is Text8Corpus:
        return [sentences.fname]
    return sentences.input_files if type(sentences) is PathLineSentences else None


def lines_read_by(sentences: Any) -> tuple[list, int] | None:
    """Return the paths of the files whose lines are all sentences of a corpus of gensim's, and how long one may be.

    None for any other corpus.
    """
    files = files_of(sentences)
    if files is None or type(sentences) is Text8Corpus or sentences.limit is not None:
        return None
    are_paths = all(isinstance(file, (str, os.PathLike)) for file in files)
    return (files, sentences.max_sentence_length) if are_paths else None


def files_signature(sentences: Any) -> tuple | None:
    """Tell which local files a corpus of gensim's reads, and how, such that an equal answer means the same text.

    Parameters
    ----------
    sentences : iterable
        Any corpus.

    Returns
    -------
    tuple or None
        None for everything but gensim's own corpora of files: nobody knows whether those are the same at every pass.

    Examples
    --------
    >>> from gensim.test.utils import datapath
    >>> files_signature(LineSentence(datapath("lee_background.cor"))) is not None
    True
    >>> files_signature([["a", "list"]]) is None
    True

    """
    files = files_of(sentences)
    if files is None:
        return None
    if not all(isinstance(file, (str, os.PathLike)) and os.path.isfile(file) for file in files):
        return None
    states = [os.stat(file) for file in files]
    reading = tuple(
        (name, value) for name, value in vars(sentences).items() if name in ("max_sentence_length", "limit")
    )
    return type(sentences), reading, *((str(f), s.st_size, s.st_mtime_ns) for f, s in zip(files, states, strict=True))


def corpus_signature(sentences: Any) -> tuple | None:
    """As :func:`files_signature`, and for a list or a tuple an answer that holds until somebody changes it."""
    if type(sentences) in (list, tuple):
        return type(sentences), id(sentences), len(sentences)
    return files_signature(sentences)


class EveryNth:
    """One worker's share of any re-iterable corpus: every N-th sentence. Each worker reads them all.

    Examples
    --------
    >>> list(EveryNth(["a", "b", "c", "d", "e"], 1, 2))
    ['b', 'd']

    """

    def __init__(self, sentences: Iterable[Sequence[str]], worker: int, workers: int) -> None:
        self.sentences = sentences
        self.worker, self.workers = worker, workers

    def __iter__(self) -> Iterator[Sequence[str]]:
        return itertools.islice(self.sentences, self.worker, None, self.workers)


class ByteRange:
    """One worker's share of a plain local file, one sentence a line: the lines that begin in its range of bytes."""

    def __init__(self, path: str | os.PathLike, worker: int, workers: int) -> None:
        self.path = path
        self.worker, self.workers = worker, workers

    def __iter__(self) -> Iterator[list[str]]:
        size = os.path.getsize(self.path)
        at, end = (size * worker // self.workers for worker in (self.worker, self.worker + 1))
        with open(self.path, "rb") as lines:
            if at:  # the line that holds the byte before belongs to the worker before
                lines.seek(at - 1)
                at += len(lines.readline()) - 1
            for line in lines:
                if at >= end:
                    break
                at += len(line)
                yield utils.to_unicode(line).split()


def has_byte_ranges(path: Any) -> bool:
    """Whether a corpus's source is a local file, not compressed, so that a worker can begin to read in the middle."""
    is_file = isinstance(path, (str, os.PathLike)) and os.path.isfile(path)
    return is_file and os.path.splitext(path)[1] not in compression.get_supported_extensions()


def share_of(sentences: Any, worker: int, workers: int) -> Iterable[Sequence[str]]:
    """Return the sentences that one of several workers trains.

    Examples
    --------
    >>> list(share_of(["a", "b", "c"], worker=0, workers=2))
    ['a', 'c']

    """
    if workers == 1:
        return sentences
    in_whole_lines = type(sentences) is LineSentence and sentences.limit is None
    if in_whole_lines and sentences.max_sentence_length == maxsize and has_byte_ranges(sentences.source):
        return ByteRange(sentences.source, worker, workers)
    return EveryNth(sentences, worker, workers)
