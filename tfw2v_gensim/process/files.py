"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_whole(target: str | os.PathLike, write: Callable[[str], object]) -> None:
    """Call ``write`` with a path, such that the target appears whole or not at all, whatever happens meanwhile.

    A former file stays as it is until the new one is on the disk. What ``write`` leaves beside that path (a large
    model saves its arrays apart) goes beside the target. Devices and pipes are written as they are.

    Parameters
    ----------
    target : str or os.PathLike
        A link stays a link: what it points to is written.
    write : callable
        Function of a path that has the target's name, in a folder of its own.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder, "vectors.txt"), lambda path: Path(path).write_text("vectors"))
    ...     print(Path(folder, "vectors.txt").read_text(), os.listdir(folder))
    vectors ['vectors.txt']

    """
    target = Path(target)
    if is_stream(target):
        write(str(target))
        return
    target = Path(os.path.realpath(target))
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        write(os.path.join(folder, target.name))
        beside = [name for name in os.listdir(folder) if name != target.name]
        for name in (*beside, target.name):
            to_disk(os.path.join(folder, name))
        for name in (*beside, target.name):
            os.replace(os.path.join(folder, name), target.with_name(name))
    to_disk(target.parent)


def is_stream(path: Path) -> bool:
    """Whether the path is a device or a pipe, such as ``/dev/stdout``, that must not be replaced by a file."""
    return path.is_relative_to("/dev") or (path.exists() and not path.is_file())


def to_disk(path: str | os.PathLike) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    if os.name != "posix":  # elsewhere, what is opened for reading cannot be synchronised
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
