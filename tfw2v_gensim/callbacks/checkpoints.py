"""Checkpoints: files that hold where a training is, two of each.

A checkpoint is a numpy archive without pickle, whose checksums tell a broken one. It holds ``vectors``, ``syn1neg``
(unless that is ``vectors``), ``words`` (UTF-8, a Python literal a line), their ``count``, and ``state`` (JSON). No
random state is needed: an epoch's draws come from the seed, and those of the rounds before the checkpoint are drawn
again.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tfw2v_gensim.process.files import write_whole

logger = logging.getLogger(__name__)


class Checkpoints:
    """The last two checkpoints of one call of ``train``: two files, of which the older one is replaced.

    Parameters
    ----------
    folder : str or os.PathLike
    train_count : int
        The model's: how many calls of ``train`` were before. Each has its own files.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Checkpoints(folder, 0).save({"epoch": 3}, {"vectors": np.ones((2, 4), np.float32)})
    ...     state, path = Checkpoints(folder, 0).load()
    ...     print(state["epoch"], os.listdir(folder))
    3 ['train-0.0.npz']

    """

    def __init__(self, folder: str | os.PathLike, train_count: int) -> None:
        self.folder = Path(folder)
        self.paths = [self.folder / f"train-{train_count}.{which}.npz" for which in (0, 1)]
        self.saved = 0

    def save(self, state: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """Write a checkpoint, whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written, for example because the disk is full. The one before it stays.
        """
        path = self.paths[self.saved % 2]
        text = as_json(state | {"saved": self.saved})

        def write(target: str) -> None:
            np.savez(target, state=np.frombuffer(text.encode(), np.uint8), **arrays)  # type: ignore[arg-type]

        try:
            write_whole(path, write)
        except OSError as error:
            raise OSError(error.errno, f"cannot write checkpoint {path}: {error.strerror or error}") from error
        self.saved += 1

    def load(self) -> tuple[dict[str, Any], Path] | None:
        """Find the newest whole checkpoint.

        Returns
        -------
        (dict, pathlib.Path) or None
            Its state and its file; None where there are no files.

        Raises
        ------
        ValueError
            If there are files and none is whole.
        """
        for unfinished in self.folder.glob(f".{self.paths[0].stem[:-1]}*"):  # of a process that was killed
            shutil.rmtree(unfinished, ignore_errors=True)
        found, broken = [], []
        for path in self.paths:
            if path.exists():
                try:
                    state = state_of(path)
                    found.append((state["saved"], state, path))
                except Exception as error:  # zipfile and numpy raise all kinds when a file is damaged
                    broken.append(f"{path} ({type(error).__name__}: {error})")
        if broken and not found:
            raise ValueError(f"no whole checkpoint, remove the broken to train from the start: {', '.join(broken)}")
        if not found:
            return None
        saved, state, path = max(found, key=lambda checkpoint: checkpoint[0])
        for file in broken:
            logger.warning("broken checkpoint %s: going on from the other, %s", file, path)
        self.saved = saved + 1
        return state, path


def as_json(state: dict[str, Any]) -> str:
    """Write a dict as JSON, numpy's numbers as plain ones."""
    return json.dumps(state, default=lambda number: number.item())


def state_of(path: Path) -> dict[str, Any]:
    """Read a checkpoint's state; raises an exception of any kind unless the whole file is sound."""
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise zipfile.BadZipFile(f"wrong checksum of {damaged}")
    with np.load(path, allow_pickle=False) as arrays:
        return json.loads(arrays["state"].tobytes())


def checksums_of(arrays: dict[str, np.ndarray]) -> dict[str, int]:
    """CRC-32 of each array's values."""
    return {name: zlib.crc32(np.ascontiguousarray(array).data) for name, array in arrays.items()}
