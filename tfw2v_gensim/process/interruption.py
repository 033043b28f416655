"""Ctrl-C, held back for as long as something is half done."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back until the block has ended; what the program does on Ctrl-C is done then.

    Only the main thread ever sees Ctrl-C: in others, this does nothing.

    Examples
    --------
    >>> former = signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a terminal
    >>> try:
    ...     with uninterrupted():
    ...         signal.raise_signal(signal.SIGINT)
    ...         print("whole")
    ... except KeyboardInterrupt:
    ...     print("interrupted")
    whole
    interrupted
    >>> _ = signal.signal(signal.SIGINT, former)

    """
    former = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or former is None:
        yield
        return
    pressed = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: pressed.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
        if pressed.is_set():
            signal.raise_signal(signal.SIGINT)
