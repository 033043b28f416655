"""gensim's KeyedVectors, with files that are whole and can be read back."""

from __future__ import annotations

import copy
import errno
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from gensim import utils
from gensim.models import KeyedVectors as GensimKeyedVectors

from tfw2v_gensim.process.files import write_whole

logger = logging.getLogger(__name__)

Vectors = TypeVar("Vectors", bound=GensimKeyedVectors)


class KeyedVectors(GensimKeyedVectors):
    """A model's word vectors: gensim's class in all but how it writes files, and pickled as gensim's.

    Examples
    --------
    >>> import tempfile
    >>> from gensim.models import KeyedVectors as GensimKeyedVectors
    >>> from gensim.test.utils import common_texts
    >>> from tfw2v_gensim import Word2Vec
    >>> vectors = Word2Vec(common_texts, vector_size=20, min_count=1).wv
    >>> isinstance(vectors, GensimKeyedVectors)
    True
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     vectors.save_word2vec_format(folder + "/vectors.txt")
    ...     GensimKeyedVectors.load_word2vec_format(folder + "/vectors.txt")["computer"].shape
    (20,)

    """

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle as gensim's own class: files must open where this package is missing."""
        # as protocol 0 does: later ones insist on the object's own class. The arrays in it go by the protocol asked for
        return seen_as(GensimKeyedVectors, self).__reduce_ex__(0)

    def __deepcopy__(self, memo: dict[int, Any]) -> KeyedVectors:
        """Copy as what it is."""
        twin = memo[id(self)] = type(self).__new__(type(self))
        twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return twin

    def set_vecattr(self, key: Any, attr: str, val: Any) -> None:
        """Set a word's attribute as gensim does; where all words have it already, in a fifth of the time.

        gensim does so twice for each word of a vocabulary that it builds.
        """
        values = self.expandos.get(attr)
        kind = np.int64 if type(val) is int else type(val)
        if values is not None and values.dtype.type is kind and len(values) == len(self.index_to_key):
            values[self.get_index(key)] = val
        else:
            super().set_vecattr(key, attr, val)

    def save(self, fname_or_handle: Any, *args: Any, **kwargs: Any) -> None:
        """Save in gensim's own format; a file on this machine appears whole or not at all.

        Arguments are those of :meth:`gensim.utils.SaveLoad.save`.
        """
        save_whole(seen_as(GensimKeyedVectors, self), fname_or_handle, *args, **kwargs)

    def save_word2vec_format(
        self, fname: Any, fvocab: Any = None, binary: bool = False, total_vec: int | None = None,
        write_header: bool = True, prefix: str = "", append: bool = False, sort_attr: str = "count",
    ) -> None:  # fmt: skip
        """Save in a format of the original word2vec. All arguments are gensim's.

        A file on this machine appears whole or not at all, unless it is appended to.

        Words with blanks or newlines are written as gensim writes them, with a warning: programs that split lines at
        blanks, gensim's ``load_word2vec_format`` among them, cannot read them back. :meth:`save` keeps all words.

        Raises
        ------
        ValueError
            If a word has a lone surrogate, which UTF-8 has no bytes for.
        """
        check_words(self.index_to_key)

        def write(path, vocabulary_path):
            super(KeyedVectors, self).save_word2vec_format(
                path, fvocab=vocabulary_path, binary=binary, total_vec=total_vec, write_header=write_header,
                prefix=prefix, append=append, sort_attr=sort_attr,
            )  # fmt: skip

        if append or not is_local(fname) or not (fvocab is None or is_local(fvocab)):
            write(fname, fvocab)
        elif fvocab is None:
            write_whole(fname, lambda path: write(path, None))
        else:
            write_whole(fname, lambda path: write_whole(fvocab, lambda vocabulary_path: write(path, vocabulary_path)))


def check_words(words: Iterable[Any]) -> None:
    r"""Warn of the first word that word2vec's formats cannot give back; raise a ValueError for one they cannot hold.

    Examples
    --------
    >>> check_words(["york", "\udc80"])
    Traceback (most recent call last):
    ValueError: word2vec's formats cannot hold the word '\udc80', which has a lone surrogate: use save()

    """
    broken = []
    for word in words:
        text = str(word)
        try:
            text.encode()
        except UnicodeEncodeError:
            message = f"word2vec's formats cannot hold the word {word!r}, which has a lone surrogate: use save()"
            raise ValueError(message) from None
        if " " in text or "\n" in text:
            broken.append(word)
    if broken:
        logger.warning(
            "%i words have blanks or newlines, the first is %r: load_word2vec_format and other programs cannot read "
            "them back; save() keeps them",
            len(broken), broken[0],
        )  # fmt: skip


def is_local(file: Any) -> bool:
    """Whether this is the path of a file on this machine: neither an open file nor an address."""
    return not hasattr(file, "write") and "://" not in os.fspath(file)


def save_whole(saved: utils.SaveLoad, fname_or_handle: Any, *args: Any, **kwargs: Any) -> None:
    """Save what gensim saves; a file on this machine appears whole or not at all."""
    if not is_local(fname_or_handle):
        utils.SaveLoad.save(saved, fname_or_handle, *args, **kwargs)
        return

    def write(path):
        saved._smart_save(path, *args, **kwargs)
        for array in Path(path).parent.glob("*.npy"):
            try:
                np.load(array, mmap_mode="r")
            except ValueError:  # numpy does not notice when the disk is full at an array's very end
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), array.name) from None

    # gensim's save() without its first line, which would note a path that is not the file's in the end
    saved.add_lifecycle_event("saving", fname_or_handle=str(fname_or_handle))
    write_whole(fname_or_handle, write)


def seen_as(kind: type[Vectors], vectors: GensimKeyedVectors) -> Vectors:
    """Show vectors as an object of another class, with the same words and the same arrays."""
    twin = object.__new__(kind)
    twin.__dict__.update(vectors.__dict__)
    return twin
