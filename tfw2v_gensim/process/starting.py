"""TensorFlow's start: its import, and what it reads at the start.

Nothing happens here before a model is trained. To import it on another thread while words are counted gains nothing, as
both want Python's lock. What TensorFlow writes to standard error is left to it, but for its notes:
``TF_CPP_MIN_LOG_LEVEL`` is 1 while it is imported, or what the user has set.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import Any

from tfw2v_gensim.process.compiled_code import compiled_code
from tfw2v_gensim.process.environment import set_to
from tfw2v_gensim.process.keras_later import keras_later

# TensorFlow's own log: warnings and errors
QUIET_LEVEL = "1"

# Held while TensorFlow is started. A fork waits for it: the child would wait for ever for a thread that it has not.
_starting = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_starting.acquire, after_in_parent=_starting.release, after_in_child=_starting.release
    )  # fmt: skip

_started_in = 0


def start() -> None:
    """Import TensorFlow, if it is not there yet, and have it read where compiled code is kept.

    Raises
    ------
    RuntimeError
        If this process was forked from one in which TensorFlow had started: there it would hang.
    """
    global _started_in
    with _starting:
        if _started_in not in (0, os.getpid()):
            raise RuntimeError(
                "this process was forked from one that had trained, where TensorFlow cannot go on: start processes "
                'with multiprocessing.get_context("spawn"), or train in the parent only after it has forked'
            )
        _import()
        if not _started_in:
            _look_for_devices()
        _started_in = os.getpid()


def _import():
    if "tensorflow" in sys.modules:
        return
    level = None if "TF_CPP_MIN_LOG_LEVEL" in os.environ else QUIET_LEVEL
    with set_to("TF_CPP_MIN_LOG_LEVEL", level), keras_later():
        import tensorflow  # noqa: F401


def _look_for_devices():
    """Find the devices: XLA reads its flags then. GPUs give memory as it is needed, and not all of it at once."""
    import tensorflow as tf

    with set_to("TF_XLA_FLAGS", compiled_code.prepare()):
        if is_in_use(tf.config.threading):  # the program's own settings stand, and no flag is read any more
            compiled_code.folder = None
            return
        gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        with contextlib.suppress(RuntimeError, ValueError):  # the program has cut it into parts
            tf.config.experimental.set_memory_growth(gpu, True)


def is_in_use(threading_options: Any) -> bool:
    """Whether TensorFlow has computed anything in this process: then it refuses another number of threads."""
    threads = threading_options.get_inter_op_parallelism_threads()
    try:
        threading_options.set_inter_op_parallelism_threads(threads + 1)
    except RuntimeError:
        return True
    threading_options.set_inter_op_parallelism_threads(threads)
    return False
