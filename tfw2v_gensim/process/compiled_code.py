"""The code that XLA compiles, kept in a folder from one process to the next: compiling takes seconds.

The folder is ``tfw2v_gensim`` in the user's cache folder, or in the one that ``TFW2V_CACHE`` names; an empty value
keeps none. In it, each processor and version has a folder of its own. Of files there, only those that have the names
XLA gives are ever removed, and none behind a link: the oldest, where they are more than 64 MiB.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import platform
import tempfile
from importlib import metadata
from pathlib import Path

logger = logging.getLogger(__name__)

LARGEST = 64 << 20

# Where there is less room on the disk, nothing is kept: XLA fails where it cannot write
ROOM = 8 << 20

# XLA's names: of whole files, and of one that is being written
NAMES = "xla_compile_cache__*.pb", "xla_compile_cache__*.tmp"


def chosen_folder() -> Path | None:
    """Return where this package keeps compiled code; None for a user who wants none, or has no home."""
    named = os.environ.get("TFW2V_CACHE", os.environ.get("XDG_CACHE_HOME") or None)
    if named == "":
        return None
    try:
        return (Path(named) if named else Path.home() / ".cache").absolute() / "tfw2v_gensim"
    except RuntimeError:
        return None


class CompiledCode:
    """A folder of compiled code, or none."""

    def __init__(self) -> None:
        self.folder: Path | None = None

    def prepare(self) -> str | None:
        """Make a folder for this processor and version; return the ``TF_XLA_FLAGS`` that name it, None without one."""
        flags = os.environ.get("TF_XLA_FLAGS", "").strip()
        chosen = chosen_folder()
        in_a_file = flags and not flags.startswith("-")
        if chosen is None or in_a_file or "persistent_cache" in flags:
            return None
        folder = chosen / hashlib.blake2b(" ".join(compiler()).encode(), digest_size=8).hexdigest()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            drop_oldest(chosen)
            with tempfile.TemporaryFile(dir=folder) as probe:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(probe.fileno(), 0, ROOM)
        except OSError as error:
            logger.info("compiled code is not kept: %s", error)
            return None
        self.folder = folder
        quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
        return f'{flags} --tf_xla_persistent_cache_directory="{quoted}"'.strip()

    def files(self) -> set[Path]:
        """Return the files of this processor and version."""
        return set(files_of(self.folder)) if self.folder is not None else set()

    def empty(self) -> bool:
        """Remove the files of this processor and version; return whether there were any."""
        files = self.files()
        for file in files:
            with contextlib.suppress(OSError):
                file.unlink()
        return bool(files)

    def origin(self, before: set[Path]) -> str:
        """Say where the code that has just been compiled or found comes from, given which files there were before."""
        if self.folder is None:
            return "compiled, not kept"
        return f"compiled, kept in {self.folder}" if self.files() - before else f"found in {self.folder}"


compiled_code = CompiledCode()


def compiler(processors: Path = Path("/proc/cpuinfo")) -> list[str]:
    """Return what compiled code depends on, beside the code; Linux lists processors and their features in a file."""
    try:
        lines = processors.read_text().splitlines()
        features = next(line for line in lines if line.startswith(("flags", "Features")))  # of x86 and of ARM
    except (OSError, StopIteration):
        features = platform.processor()
    versions = []
    for package in ("tensorflow", "tensorflow-cpu", "tfw2v_gensim"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions.append(metadata.version(package))
    return [*versions, platform.machine(), features]


def files_of(folder: Path) -> list[Path]:
    """List the files of a folder that have XLA's names; none where the folder or the file is a link."""
    if folder.is_symlink():
        return []
    found = (file for name in NAMES for file in folder.glob(name))
    return [file for file in found if file.is_file() and not file.is_symlink()]


def drop_oldest(chosen: Path, largest: int = LARGEST) -> None:
    """Remove the oldest files of all processors and versions until the rest is no larger than it may be."""
    if chosen.is_symlink():
        return
    files = []
    for folder in chosen.iterdir():
        for file in files_of(folder):
            with contextlib.suppress(OSError):  # another process may have been quicker
                files.append((file.stat().st_mtime, file.stat().st_size, file))
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= largest:
            break
        with contextlib.suppress(OSError):
            file.unlink()
        total -= size
