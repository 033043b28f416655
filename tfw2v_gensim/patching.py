"""Puts this package's Word2Vec in gensim's place, under code that imports gensim's and that nobody edits.

While it is there, ``gensim.models.Word2Vec`` and ``gensim.models.word2vec.Word2Vec`` answer with a class of this
package, by whatever way code comes to the name. The modules' dictionaries stay as they are, for gensim's own methods
find their class there (``super(Word2Vec, self)``); only the access to the attribute is answered otherwise, by a
property of the modules' class. Code of gensim, and of this package, still finds gensim's class.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from abc import ABCMeta
from types import ModuleType
from typing import Any

import gensim.models
from gensim.models import fasttext
from gensim.models.word2vec import Word2Vec as GensimWord2Vec

import tfw2v_gensim.word2vec
from tfw2v_gensim.model.conversion import adopt

logger = logging.getLogger(__name__)

NAME = "Word2Vec"
PLACES = gensim.models, gensim.models.word2vec

# Parts of gensim that use its Word2Vec as other people's code does; the rest of it keeps its own class
CLIENTS_IN_GENSIM = "gensim.test.", "gensim.scripts."


class GensimReloadedError(ImportError):
    """A module of gensim was loaded again, so that there are two classes Word2Vec of gensim's in the process."""

    def __init__(self, module: str) -> None:
        super().__init__(
            f"{module} was unloaded or loaded again after tfw2v_gensim had been imported: start a new process",
            name=module,
        )


class AsGensims(ABCMeta):
    """Lets gensim's models be instances, and its classes subclasses, of the class that stands in their place.

    An ABCMeta, so that a subclass may have abstract base classes, too.
    """

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, GensimWord2Vec) if cls is Word2Vec else super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, GensimWord2Vec) if cls is Word2Vec else super().__subclasscheck__(subclass)


class Word2Vec(tfw2v_gensim.word2vec.Word2Vec, metaclass=AsGensims):
    """The class that stands in gensim's place: :class:`tfw2v_gensim.Word2Vec`, and a little of gensim's manners.

    Models of gensim's own class, FastText's and Doc2Vec's among them, are instances of it, as of gensim's. Where gensim
    pickled a model, it takes over what it finds.
    """

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take a pickled state, be it of this class or of gensim's."""
        if "shared_softmax" in state:
            self.__dict__.update(state)
            return
        plain = GensimWord2Vec.__new__(GensimWord2Vec)
        plain.__dict__.update(state)
        self.__dict__.update(tfw2v_gensim.word2vec.Word2Vec(shared_softmax=False).__dict__)
        adopt(self, plain)


class PatchedModule(ModuleType):
    """A module of gensim in which another class stands under the name of gensim's Word2Vec."""

    @property
    def Word2Vec(self) -> Any:  # noqa: N802
        """Class of this package; gensim's for gensim itself, and what somebody else has put there since."""
        found = self.__dict__[NAME]
        if found is GensimWord2Vec:
            return found if is_gensims(sys._getframe(1).f_globals.get("__name__")) else Word2Vec
        if getattr(found, "__module__", None) == gensim.models.word2vec.__name__ and isinstance(found, type):
            raise GensimReloadedError(found.__module__)
        return found

    @Word2Vec.setter
    def Word2Vec(self, value: Any) -> None:  # noqa: N802
        self.__dict__[NAME] = GensimWord2Vec if value is Word2Vec else value


class Refusal:
    """Finder that lets no patched module be loaded a second time, unpatched."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: ModuleType | None = None) -> None:
        """Raise GensimReloadedError for the modules that are patched; a reload (with a ``target``) may pass."""
        if target is None and any(name == module.__name__ for module in PLACES):
            raise GensimReloadedError(name)


def is_gensims(module: str | None) -> bool:
    """Whether code of this module shall find gensim's own class: code of gensim and of this package."""
    module = module or ""
    return module.partition(".")[0] in ("gensim", "tfw2v_gensim") and not module.startswith(CLIENTS_IN_GENSIM)


def is_patched() -> bool:
    """Whether this package's Word2Vec stands in gensim's place."""
    return Refusal in sys.meta_path


def patch_gensim() -> contextlib.AbstractContextManager[Any]:
    """Put this package's Word2Vec in the place of gensim's, for all code that imports it from now on.

    ``from gensim.models import Word2Vec`` and ``gensim.models.word2vec.Word2Vec`` give a subclass of
    :class:`tfw2v_gensim.Word2Vec`. So do ``load`` for files of gensim, and pickles of gensim's models. gensim's other
    models, such as FastText, stay what they are. Patching twice is patching once.

    Returns
    -------
    context manager
        At its end gensim is as before this call.

    Raises
    ------
    GensimReloadedError
        If gensim has been unloaded and loaded again since this package was imported. Code that unloads it later gets
        this error when it imports it again.

    Warns
    -----
    UserWarning
        If modules have imported gensim's class already: they keep it. The warning names them.

    Examples
    --------
    >>> __name__ = "__main__"  # as in a script
    >>> with patch_gensim():
    ...     from gensim.models import Word2Vec
    >>> from gensim.test.utils import common_texts
    >>> model = Word2Vec(common_texts, vector_size=20, min_count=1)
    >>> isinstance(model, tfw2v_gensim.Word2Vec)
    True

    """
    undo = contextlib.ExitStack()
    if is_patched():
        return undo
    for module in PLACES:
        if sys.modules.get(module.__name__) is not module or module.__dict__[NAME] is not GensimWord2Vec:
            raise GensimReloadedError(module.__name__)
    if importers := importers_of_gensims():
        warnings.warn(
            f"gensim's own Word2Vec was imported before patch_gensim, and stays, in: {', '.join(importers)}",
            stacklevel=2,
        )
    for module in PLACES:
        module.__class__ = PatchedModule
    # pickle takes a class only if it finds that very class where the class says it is; there too gensim has it
    GensimWord2Vec.__module__ = fasttext.__name__
    sys.meta_path.insert(0, Refusal)
    logger.info("tfw2v_gensim's Word2Vec stands in the place of gensim's")
    undo.callback(unpatch_gensim)
    return undo


def unpatch_gensim() -> None:
    """Put gensim's own Word2Vec back. What code has imported meanwhile, it keeps."""
    if not is_patched():
        return
    sys.meta_path.remove(Refusal)
    GensimWord2Vec.__module__ = gensim.models.word2vec.__name__
    for module in PLACES:
        module.__class__ = ModuleType
    logger.info("gensim's Word2Vec is its own again")


def importers_of_gensims() -> list[str]:
    """Names of the modules, but for gensim's and this package's own, that hold gensim's class or a subclass of it."""
    holders = {
        getattr(module, "__name__", name)  # __main__ goes by a second name, too
        for name, module in list(sys.modules.items())
        if any(value is GensimWord2Vec for value in list(getattr(module, "__dict__", {}).values()))
    }
    holders.update(subclass.__module__ for subclass in GensimWord2Vec.__subclasses__())
    return sorted(name for name in holders if not is_gensims(name))
