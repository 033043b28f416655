"""TensorFlow's start: ahead of need, without its chatter, and with the code that earlier processes have compiled.

Nothing happens here before a model is given something to train on. ``TF_CPP_MIN_LOG_LEVEL``, set by the user, lets
TensorFlow say all that it wants to. Compiled code is kept in the user's cache folder, at most 64 MiB of it;
``TFW2V_CACHE`` names another folder, or with an empty value none.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
import os
import platform
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from tfw2v_gensim.process.allocator import limit_arenas
from tfw2v_gensim.process.files import write_whole

logger = logging.getLogger(__name__)

LARGEST_CACHE = 64 << 20

# TensorFlow's own log: warnings and errors
QUIET_LEVEL = "1"

# What TensorFlow's libraries write straight to standard error, below their own log, and nobody needs: notes (I), the
# search for a GPU where there is none, and compiled code whose processor has the features preferred at compile time
CHATTER = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog|I\d{4} |To enable the following instructions:"
    rb"|E\d{4} .*(cuda_platform\.cc.*cuInit|cpu_aot_loader\.cc.*feature \+prefer-no-|XlaSerializedCacheEntry)"
)

_starting, _started_in = threading.Lock(), 0
_tracing = threading.Lock()
_cache: Path | None = None


class Quiet:
    """Takes TensorFlow's chatter out of what the process writes to standard error; several threads may be in it."""

    def __init__(self) -> None:
        self.lock, self.depth = threading.Lock(), 0
        self.error: int | None = None

    def __enter__(self) -> None:
        with self.lock:
            self.depth += 1
            if self.depth > 1 or is_loud() or sys.stderr is None:
                return
            sys.stderr.flush()
            try:
                self.error = os.dup(2)
            except OSError:  # the process has no standard error
                return
            reading, writing = os.pipe()
            os.dup2(writing, 2)
            os.close(writing)
            self.filter = threading.Thread(target=pass_on, args=(reading, self.error), name="stderr", daemon=True)
            self.filter.start()

    def __exit__(self, *exception: object) -> None:
        with self.lock:
            self.depth -= 1
            if self.depth or self.error is None:
                return
            sys.stderr.flush()
            os.dup2(self.error, 2)  # closes the pipe's writing end, unless a child process has it: then it is passed on
            self.error = None
            self.filter.join(timeout=1.0)


def pass_on(reading: int, error: int) -> None:
    """Write the lines that come in to another descriptor, but for TensorFlow's chatter, and close both at the end."""
    with open(reading, "rb", 0) as written, open(error, "wb", 0) as standard_error:
        line = b""
        while some := written.read(1 << 16):
            *whole, line = (line + some).split(b"\n")
            for text in whole:
                if not CHATTER.match(text):
                    standard_error.write(text + b"\n")
        if not CHATTER.match(line):
            standard_error.write(line)


quiet = Quiet()


def cores() -> int:
    """Count the processor cores that this process may use: a container's or a batch job's share of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def is_loud() -> bool:
    """Whether the user has said what TensorFlow shall log."""
    return os.environ.get("TF_CPP_MIN_LOG_LEVEL", QUIET_LEVEL) != QUIET_LEVEL


class KerasLater:
    """Keeps Keras from being imported with TensorFlow, by this thread: it takes as long as all the rest together.

    TensorFlow bears its absence, and imports it when it is asked for.
    """

    def __init__(self) -> None:
        self.thread = threading.get_ident()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Refuse Keras; leave everything else to others."""
        if name == "keras.src" and threading.get_ident() == self.thread:
            raise ImportError("Keras is imported later")


@contextlib.contextmanager
def bound_late() -> Iterator[None]:
    """Have libraries find each function at its first call: TensorFlow, which has many, is imported 0.1 s sooner."""
    if not hasattr(sys, "setdlopenflags"):  # Windows
        yield
        return
    flags = sys.getdlopenflags()
    sys.setdlopenflags(flags & ~os.RTLD_NOW | os.RTLD_LAZY)
    try:
        yield
    finally:
        sys.setdlopenflags(flags)


def start() -> None:
    """Import TensorFlow, if it is not there yet; its devices are found when the workers are.

    Raises
    ------
    RuntimeError
        If this process was forked from one in which TensorFlow had started: there it would hang.
    """
    global _started_in
    limit_arenas(cores())
    with _starting:
        if _started_in not in (0, os.getpid()):
            raise RuntimeError(
                "this process was forked from one that had trained, where TensorFlow cannot go on: start processes "
                'with multiprocessing.get_context("spawn"), or train in the parent only after it has forked'
            )
        _import()
        _started_in = os.getpid()


def start_ahead() -> None:
    """Begin to import TensorFlow beside what the caller goes on with."""
    limit_arenas(cores())  # before there is the thread
    if "tensorflow" not in sys.modules and not _starting.locked():
        threading.Thread(target=_import_ahead, name="TensorFlow", daemon=True).start()


def _import_ahead():
    with _starting, contextlib.suppress(Exception):  # whoever needs it will see the same error
        _import()


def _import():
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", QUIET_LEVEL)
    keep_compiled_code()
    keras_later = KerasLater()
    sys.meta_path.insert(0, keras_later)  # type: ignore[arg-type]
    collects = gc.isenabled()
    gc.disable()  # of all the objects that the import makes, none is garbage: looking for it takes a fifth of the time
    try:
        with quiet, bound_late():
            import tensorflow  # noqa: F401
    finally:
        if collects:
            if not gc.get_freeze_count():  # count all that is there as old, or the next two collections go through it
                gc.freeze()
                gc.unfreeze()
            gc.enable()
        sys.meta_path.remove(keras_later)  # type: ignore[arg-type]


def keep_compiled_code() -> None:
    """Have XLA keep what it compiles, in a folder of this processor and this TensorFlow; no folder, no cache."""
    global _cache
    chosen = os.environ.get("TFW2V_CACHE")
    if chosen == "" or "persistent_cache" in os.environ.get("TF_XLA_FLAGS", ""):
        return
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(chosen or os.path.join(home, "tfw2v_gensim"))
    _cache = folder / hashlib.blake2b(" ".join(compiler()).encode(), digest_size=8).hexdigest()
    try:
        _cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(_cache, os.W_OK):
            raise PermissionError(f"cannot write to {_cache}")
        drop_oldest(folder)
        drop_damaged(_cache)
    except OSError as error:
        logger.info("compiled code is not kept: %s", error)
        _cache = None
        return
    flag = f"--tf_xla_persistent_cache_directory={_cache}"
    os.environ["TF_XLA_FLAGS"] = f"{os.environ.get('TF_XLA_FLAGS', '')} {flag}".strip()


def compiler() -> list[str]:
    """Return what compiled code depends on, beside the code."""
    try:
        features = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags"))
    except (OSError, StopIteration):
        features = platform.processor()
    versions = []
    for package in ("tensorflow", "tensorflow-cpu", "tfw2v_gensim"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions.append(metadata.version(package))
    return [*versions, platform.machine(), features]


def drop_damaged(folder: Path) -> None:
    """Remove the files of a cache that are not what :func:`seal` saw, or that nobody has sealed."""
    for file in folder.glob("*.pb"):
        with contextlib.suppress(OSError, ValueError):  # another process may have been quicker
            sealed = seal_of(file).read_text().split()
            if sealed[1:] == written(file):  # to read all 64 MiB would take 0.1 s
                continue
            if sealed[:1] == [checksum(file)]:  # copied, say
                write_seal(file)
                continue
        for rest in (file, seal_of(file)):
            with contextlib.suppress(OSError):
                rest.unlink()


def seal(folder: Path) -> None:
    """Take down the checksums of the files that have been written into a cache: XLA would load whatever is there."""
    for file in folder.glob("*.pb"):
        if not seal_of(file).exists():
            write_seal(file)


def write_seal(file: Path) -> None:
    """Take down a cached file's checksum, and by what to tell whether it was touched since."""
    with contextlib.suppress(OSError):
        content = " ".join([checksum(file), *written(file)])
        write_whole(seal_of(file), lambda path: Path(path).write_text(content))


def written(file: Path) -> list[str]:
    """Return a file's size and when it was written."""
    status = file.stat()
    return [str(status.st_size), str(status.st_mtime_ns)]


def seal_of(file: Path) -> Path:
    """Where a cached file's checksum stands."""
    return file.with_suffix(".checksum")


def checksum(file: Path) -> str:
    """Return a checksum of a file's content."""
    return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()


def drop_oldest(folder: Path, largest: int = LARGEST_CACHE) -> None:
    """Remove the oldest files of a cache until the rest is no larger than it may be."""
    files = []
    for file in folder.glob("*/*"):
        with contextlib.suppress(OSError):
            files.append((file.stat().st_mtime, file.stat().st_size, file))
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= largest:
            break
        with contextlib.suppress(OSError):
            file.unlink()
        total -= size


def first_call(compiled: Any, arguments: Callable[[], Iterable[Any]]) -> Any:
    """Call a ``tf.function`` that may have to be traced and compiled; several threads may do so at once.

    The arguments are made where no other thread traces. A loop's name in a graph has the number of tensors that there
    were before it, and XLA looks for compiled code by such names: a thread that makes its arguments while another one
    traces would now and then have all processes compile anew.
    """
    with quiet:
        with _tracing:  # of threads that wait for one trace, TensorFlow warns, too, as if each had made one
            made = [*arguments()]
            compiled.get_concrete_function(*made)
        result = compiled(*made)
    if _cache is not None:
        seal(_cache)
    return result
