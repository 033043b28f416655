"""The command line: the flags of word2vec and of ``gensim.scripts.word2vec_standalone``, and a few of our own.

``tfw2v run`` runs a program written for gensim, see :mod:`tfw2v_gensim.patching`.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import logging
import lzma
import os
import runpy
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path

import gensim
from gensim.models.word2vec import LineSentence, PathLineSentences
from tqdm.contrib.logging import logging_redirect_tqdm

import tfw2v_gensim
from tfw2v_gensim.distribution import Place, WorkerLost
from tfw2v_gensim.patching import GensimReloadedError
from tfw2v_gensim.process.files import is_stream

logger = logging.getLogger(__name__)

# what missing, closed and damaged files raise
UNREADABLE: tuple[type[Exception], ...] = (OSError, EOFError, UnicodeError, zlib.error, lzma.LZMAError)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    flags = argparse.ArgumentParser(
        prog="tfw2v",
        description="Train word vectors on a text: one sentence a line, words separated by blanks.",
        epilog="With no arguments at all: a short demonstration. tfw2v run SCRIPT ARGUMENTS... and tfw2v run -m MODULE "
        "ARGUMENTS... run a program written for gensim with this package's Word2Vec in the place of gensim's.",
        allow_abbrev=False,
    )
    flags.add_argument("--version", action="version", version=f"tfw2v_gensim {tfw2v_gensim.__version__}")
    word2vec = flags.add_argument_group("flags of word2vec and of gensim.scripts.word2vec_standalone")
    word2vec.add_argument(
        "-train", required=True, help="text to train on: a file, plain or compressed, a folder, or - for standard input"
    )
    word2vec.add_argument(
        "-output", help="file for the word vectors; by default the model, NAME.model, and NAME.model.txt or .bin"
    )
    word2vec.add_argument("-size", type=int, default=100, help="dimensions of the vectors; default 100")
    word2vec.add_argument("-window", type=int, default=5, help="most words of context on either side; default 5")
    word2vec.add_argument(
        "-sample", type=float, default=1e-3, help="share of the text above which a word is thinned out; default 1e-3"
    )
    word2vec.add_argument("-hs", type=int, default=0, choices=[0, 1], help="1: hierarchical softmax, by gensim")
    word2vec.add_argument("-negative", type=int, default=5, help="how much noise; default 5")
    word2vec.add_argument("-threads", type=int, default=3, help="what trains at once, at the most; default 3")
    word2vec.add_argument("-iter", type=int, default=5, help="epochs; default 5")
    word2vec.add_argument(
        "-min_count", "-min-count", type=int, default=5, help="drop words that are rarer than this; default 5"
    )
    word2vec.add_argument(
        "-alpha", type=float, help="learning rate at the start; default 0.025 (0.05 where gensim trains CBOW)"
    )
    word2vec.add_argument("-cbow", type=int, default=1, choices=[0, 1], help="1: CBOW, the default; 0: skip-gram")
    word2vec.add_argument(
        "-binary", type=int, default=0, choices=[0, 1], help="1: write the vectors in word2vec's binary format"
    )
    word2vec.add_argument("-accuracy", metavar="QUESTIONS", help="file of analogy questions to answer after training")
    word2vec.add_argument("-debug", type=int, help="0: no progress bar; other values change nothing")
    ours = flags.add_argument_group("further flags")
    ours.add_argument("--shared-softmax", action=argparse.BooleanOptionalAction, help="see help(tfw2v_gensim.Word2Vec)")
    ours.add_argument("--loss", help="see help(tfw2v_gensim.Word2Vec)")
    ours.add_argument("--checkpoint", metavar="FOLDER", help="go on from its checkpoint, if there is one; leave others")
    ours.add_argument("--seed", type=int, default=1, help="default 1")
    ours.add_argument(
        "--progress", action=argparse.BooleanOptionalAction, help="progress bar; by default on a terminal only"
    )
    ours.add_argument(
        "--log-level", default="warning", choices=["debug", "info", "warning", "error"], help="default warning"
    )
    return flags


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; after ``run``, see :func:`run_program`.

    Parameters
    ----------
    arguments : list of str, optional
        In place of ``sys.argv[1:]``.

    Returns
    -------
    int
        Exit status: 0, or 2 after one line on standard error that says what is wrong, or 130 after one that says where
        Ctrl-C has stopped the training. No output is written then.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["run"]:
        return run_program(arguments[1:])
    flags = parser().parse_args(arguments)
    logging.basicConfig(
        format="%(asctime)s : %(threadName)s : %(levelname)s : %(message)s", level=flags.log_level.upper()
    )
    if flags.log_level == "debug":
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "0")  # TensorFlow says all that it wants to
    try:
        with logging_redirect_tqdm():
            run(flags)
    except CommandError as error:
        print(f"tfw2v: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as interruption:
        print(f"tfw2v: {str(interruption) or 'stopped'}", file=sys.stderr)
        return 130
    return 0


def run_program(arguments: list[str]) -> int:
    """Run a program as ``python`` would, with this package's Word2Vec in the place of gensim's.

    Parameters
    ----------
    arguments : list of str
        Path of a script and its arguments, or ``-m``, name of a module, and its arguments.

    Returns
    -------
    int
        0, or 2 after one line on standard error, if there is no such program or gensim is not the one that it would
        import. The program's own exits and errors pass through.
    """
    is_module = arguments[:1] == ["-m"]
    program, *rest = arguments[is_module:] or [""]
    try:
        if not program or program.startswith("-"):
            raise CommandError("usage: tfw2v run SCRIPT ARGUMENTS..., or tfw2v run -m MODULE ARGUMENTS...")
        if not getattr(sys.flags, "safe_path", False):  # Python 3.10 has no such flag
            sys.path[0] = os.getcwd() if is_module else folder_of(program)
        tfw2v_gensim.patch_gensim()  # before the module is looked for: that imports the package that it lies in
        check_runs(program, is_module)
        sys.argv = [program, *rest]
        if is_module:
            runpy.run_module(program, run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(program, run_name="__main__")
    except (CommandError, GensimReloadedError) as error:
        print(f"tfw2v: error: {error}", file=sys.stderr)
        return 2
    return 0


def folder_of(script: str) -> str:
    """Where a script's imports look first, as in Python: its folder, links followed; a folder or archive itself."""
    return os.path.abspath(script) if os.path.isdir(script) else os.path.dirname(os.path.realpath(script))


def check_runs(program: str, is_module: bool) -> None:
    """Raise a CommandError unless there is such a script or module, and it would import the gensim that is loaded."""
    if is_module:
        with told(f"cannot run {program}", ImportError, ValueError):
            spec = importlib.util.find_spec(program)
            if spec is not None and spec.submodule_search_locations is not None:
                spec = importlib.util.find_spec(f"{program}.__main__")
        if spec is None:
            raise CommandError(f"cannot run {program}: no such module, or a package without __main__")
    else:
        with told(f"cannot run {program}"):
            os.stat(program)
    found = PathFinder.find_spec("gensim")
    if found is not None and found.origin is not None and not os.path.samefile(found.origin, gensim.__file__):
        raise CommandError(f"{program} would import {found.origin}, but this package is made from {gensim.__file__}")


class CommandError(Exception):
    """What the user is told in one line."""


def run(flags: argparse.Namespace) -> None:
    """Train on ``-train``, answer ``-accuracy``, write ``-output``: of several machines' workers, worker 0 does."""
    model = new_model(flags)
    with told("cannot train", ValueError):
        worker = Place.from_environment().worker
    if not worker:
        check_output(flags)
    if flags.accuracy:
        with told(f"cannot read {flags.accuracy}"), open(flags.accuracy, "rb"):
            pass
    if not (is_piped(flags.train) or os.path.isdir(flags.train)):
        with told(f"cannot read {flags.train}"), open(flags.train, "rb"):  # before TensorFlow is started for it
            pass
    with readable_many_times(flags.train) as path:
        sentences = PathLineSentences(path) if os.path.isdir(path) else LineSentence(path)
        with told(f"cannot read {flags.train}"):
            model.build_vocab(sentences)
        if not len(model.wv):
            raise CommandError(f"{flags.train}: no word occurs {flags.min_count} times (-min_count)")
        with told(f"cannot train on {flags.train}", FloatingPointError, ValueError, WorkerLost):
            model.train(sentences, total_examples=model.corpus_count, epochs=model.epochs)
    if worker:
        return
    for write, target in outputs(flags, model):
        with told(f"cannot write {target}"):
            write(target)
            logger.info("wrote %s", target)
    if flags.accuracy:
        print_accuracy(model, flags.accuracy)


def new_model(flags: argparse.Namespace) -> tfw2v_gensim.Word2Vec:
    """Return an untrained model with the arguments that the flags stand for."""
    alpha = flags.alpha
    if not alpha:  # the original's default; this package's own trainer needs no higher rate for CBOW
        alpha = 0.05 if flags.cbow and (flags.hs or not flags.negative) else 0.025
    ours = {} if flags.loss is None else {"loss": flags.loss}
    try:
        return tfw2v_gensim.Word2Vec(
            vector_size=flags.size, window=flags.window, sample=flags.sample, hs=flags.hs, negative=flags.negative,
            workers=flags.threads, epochs=flags.iter, min_count=flags.min_count, alpha=alpha, sg=1 - flags.cbow,
            seed=flags.seed, shared_softmax=flags.shared_softmax,
            progress=False if flags.debug == 0 else flags.progress, checkpoint=flags.checkpoint, **ours,
        )  # fmt: skip
    except ValueError as error:
        raise CommandError(error) from None
    except OSError as error:
        raise CommandError(f"cannot write {flags.checkpoint}: {error.strerror}") from None


@contextlib.contextmanager
def told(what: str, *kinds: type[Exception]) -> Iterator[None]:
    """Turn errors of files, and of further kinds, into a :class:`CommandError` that begins with ``what``."""
    try:
        yield
    except (*UNREADABLE, *kinds) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
        raise CommandError(f"{what}: {reason}") from None


@contextlib.contextmanager
def readable_many_times(path: str) -> Iterator[str]:
    """Yield a path that can be read in several passes: standard input and pipes are first copied to disk."""
    if not is_piped(path):
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="tfw2v-") as spooled:
        with told(f"cannot read {path}"), open(path, "rb") if path != "-" else sys.stdin.buffer as stream:
            shutil.copyfileobj(stream, spooled)
            spooled.flush()
        yield spooled.name


def is_piped(path: str) -> bool:
    """Whether the text can be read only once."""
    return path == "-" or (os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path))


def target_of(flags: argparse.Namespace) -> Path:
    """Where the output goes: ``-output``, or as in gensim's script a name made from ``-train``."""
    if flags.output is None:
        corpus = Path(os.path.abspath(flags.train))
        return corpus.with_name(corpus.name.split(".")[0] + ".model")
    if is_stream(Path(flags.output)):
        return Path(flags.output)
    return Path(os.path.realpath(flags.output))  # a link stays: what it points to is written


def check_output(flags: argparse.Namespace) -> None:
    """Find out before the training whether its output can be written."""
    if flags.output is None and is_piped(flags.train):
        raise CommandError(f"-output is needed with -train {flags.train}: there is no name to make one from")
    target = target_of(flags)
    with told(f"cannot write {target}"):
        if target.is_dir():
            raise CommandError(f"cannot write {target}: it is a folder")
        if is_stream(target):
            return
        with tempfile.TemporaryFile(dir=target.parent):
            pass


def outputs(flags: argparse.Namespace, model: tfw2v_gensim.Word2Vec) -> list[tuple[Callable[[Path], object], Path]]:
    """List what to write: (function of a path, target)."""
    target = target_of(flags)

    def save_vectors(target: Path) -> None:
        model.wv.save_word2vec_format(target, binary=bool(flags.binary))

    if flags.output is not None:
        return [(save_vectors, target)]
    return [(model.save, target), (save_vectors, Path(f"{target}.{'bin' if flags.binary else 'txt'}"))]


def print_accuracy(model: tfw2v_gensim.Word2Vec, questions: str) -> None:
    """Print the share of right answers, by section and in all."""
    with told(f"cannot evaluate {questions}", ValueError):
        _, sections = model.wv.evaluate_word_analogies(questions)
    for section in sections:
        right, asked = len(section["correct"]), len(section["correct"]) + len(section["incorrect"])
        if asked:
            print(f"{section['section']}: {100 * right / asked:.1f}% ({right}/{asked})")
    if not asked:
        print("no question has its four words in the vocabulary")
