"""Keras, which TensorFlow imports with itself, comes when it is asked for: it takes as long as all the rest together.

TensorFlow bears that it cannot be imported, and tries again when it is asked for.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Any


class _KerasLater:
    """A finder that refuses Keras to one thread, and leaves everything else to others."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == "keras.src" and threading.get_ident() == self.thread:
            raise ImportError("Keras is imported later")


@contextlib.contextmanager
def keras_later() -> Iterator[None]:
    """Have this thread import TensorFlow without Keras."""
    refusing: Any = _KerasLater()
    # new lists: another thread that imports something goes through the one that it has begun
    sys.meta_path = [refusing, *sys.meta_path]
    try:
        yield
    finally:
        sys.meta_path = [finder for finder in sys.meta_path if finder is not refusing]
