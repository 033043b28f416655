"""gensim's KeyedVectors, with files that are whole and can be read back, one kind of them without pickle."""

from __future__ import annotations

import contextlib
import copy
import errno
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from gensim import utils
from gensim.models import KeyedVectors as GensimKeyedVectors

from tfw2v_gensim.exports import static
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

    def resize_vectors(self, seed: int = 0) -> None:
        """Make room for new words as gensim does, and let them be trained where others may be locked."""
        super().resize_vectors(seed)
        if len(locks := getattr(self, "vectors_lockf", ())) > 1:
            self.vectors_lockf = np.append(locks[: len(self)], np.ones(max(0, len(self) - len(locks)), np.float32))

    def intersect_word2vec_format(
        self, fname: Any, lockf: float = 0.0, binary: bool = False, encoding: str = "utf8",
        unicode_errors: str = "strict",
    ) -> None:  # fmt: skip
        """Take the vectors of those words that are in a file of the original word2vec, too. All arguments are gensim's.

        ``lockf=0.0`` keeps them from being trained any further, 1.0 lets them be trained. gensim itself fails for a new
        model, whose words have one lock in common, and, with a current numpy, for any binary file. The file's vectors
        are all in memory for a moment.

        Raises
        ------
        ValueError
            If the file is damaged, or its vectors have another size. Nothing is taken then.
        """
        others = GensimKeyedVectors.load_word2vec_format(
            fname, binary=binary, encoding=encoding, unicode_errors=unicode_errors
        )
        if others.vector_size != self.vector_size:
            raise ValueError(f"{fname} has vectors of size {others.vector_size}, these have {self.vector_size}")
        common = [word for word in others.index_to_key if word in self.key_to_index]
        rows = [self.key_to_index[word] for word in common]
        locks = getattr(self, "vectors_lockf", np.ones(1, np.float32))
        self.vectors_lockf = np.resize(locks, len(self)) if len(locks) == 1 else locks
        self.vectors[rows] = others.vectors[[others.key_to_index[word] for word in common]]
        self.vectors_lockf[rows] = lockf
        self.norms = None  # gensim keeps the vectors' lengths until it is told
        self.add_lifecycle_event(
            "intersect_word2vec_format", msg=f"merged {len(common)} vectors into {self.vectors.shape} from {fname}"
        )

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

    def save_static(self, folder: str | os.PathLike, weighting: str | None = None) -> None:
        """Write a folder without pickle, which model2vec and sentence-transformers open, too: safetensors and JSON.

        There, a text's vector is the mean of its words' vectors; words are what white space separates. model2vec leaves
        unknown words out, sentence-transformers takes them for zeros.

        Parameters
        ----------
        folder : str or os.PathLike
            Made if it is not there. Its files of the same names are replaced: see :mod:`tfw2v_gensim.exports.static`.
        weighting : {None, "sif"}
            "sif" scales rows by smooth inverse frequency, so that a mean says more of its rare words. Cosines of words
            stay as they are; their lengths do not.

        Raises
        ------
        ModuleNotFoundError
            If the extra ``hub`` is not installed.
        ValueError
            If a word has a lone surrogate, two words are the same as text, or there are no counts to weight by.

        Examples
        --------
        >>> import tempfile
        >>> from gensim.test.utils import common_texts
        >>> from tfw2v_gensim import KeyedVectors, Word2Vec
        >>> vectors = Word2Vec(common_texts, vector_size=20, min_count=1).wv
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     vectors.save_static(folder)
        ...     again = KeyedVectors.load_static(folder)
        >>> bool((again["graph"] == vectors["graph"]).all()), int(again.get_vecattr("graph", "count"))
        (True, 3)

        """
        words = [str(word) for word in self.index_to_key]
        static.save(static.Table(words, self.vectors, self.expandos.get("count")), folder, weighting)

    @classmethod
    def load_static(cls, folder: str | os.PathLike) -> KeyedVectors:
        """Read a folder of :meth:`save_static`. It runs nothing that it finds there, whoever wrote it.

        Returns
        -------
        KeyedVectors
            Words, vectors, and counts where the folder has them.

        Raises
        ------
        ModuleNotFoundError
            If the extra ``hub`` is not installed.
        ValueError
            If the files are damaged, do not fit each other, or hold parts of words in the place of words.
        """
        table = static.load(folder)
        vectors = cls(table.vectors.shape[1])
        vectors.add_vectors(table.words, table.vectors)
        if table.counts is not None:
            vectors.expandos["count"] = table.counts
        return vectors


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


@contextlib.contextmanager
def whole_file(path: Any) -> Iterator[None]:
    """Name a file that is damaged, or holds something else than a model, where loading it fails."""
    try:
        yield
    except (OSError, ImportError, MemoryError):
        raise
    except Exception as error:  # pickle raises all kinds when a file is damaged
        kind = AttributeError if isinstance(error, AttributeError) else ValueError  # gensim's, for other objects
        message = f"{path} is not a whole file of a Word2Vec model: {type(error).__name__}: {error}"
        raise kind(message) from error


def seen_as(kind: type[Vectors], vectors: GensimKeyedVectors) -> Vectors:
    """Show vectors as an object of another class, with the same words and the same arrays."""
    twin = object.__new__(kind)
    twin.__dict__.update(vectors.__dict__)
    return twin
