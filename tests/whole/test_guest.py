"""Importing and training leave the caller's process as it was, but for TensorFlow itself, and errors arrive whole."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from processes import python

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="reads descriptors where Linux shows them")

SNAPSHOT = """
import faulthandler, gc, json, logging, os, random, signal, sys, threading, time, warnings
import gensim.models
import numpy as np

def descriptors():
    for number in os.listdir("/proc/self/fd"):
        try:
            yield number, os.readlink("/proc/self/fd/" + number)
        except FileNotFoundError:  # that of the list itself
            pass

def snapshot():
    loggers = {"": logging.getLogger()} | logging.Logger.manager.loggerDict
    found = {
        "signal": {number: repr(signal.getsignal(number)) for number in signal.valid_signals()},
        "descriptor": dict(descriptors()),
        "variable": dict(os.environ),
        "collector": [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count(), gc.get_debug()],
        "dlopen": sys.getdlopenflags(),
        "thread": [thread.name for thread in threading.enumerate()],
        "finder": [str(getattr(finder, "__name__", type(finder).__name__)) for finder in sys.meta_path],
        "hook": [repr(hook) for hook in (sys.excepthook, threading.excepthook, sys.stdout, sys.stderr)],
        "warning": [str(each) for each in warnings.filters],
        "log": {
            name: [logger.level, [str(handler) for handler in logger.handlers]] for name, logger in loggers.items()
            if isinstance(logger, logging.Logger) and (logger.level or logger.handlers)
        },
        "random": [hash(random.getstate()), np.random.get_state()[1].sum()],
        "folder": os.getcwd(),
    }
    return {f"{kind} {name} {value}" for kind, values in found.items() for name, value in (
        values.items() if isinstance(values, dict) else [("", values)] if not isinstance(values, list) else
        [("", value) for value in values]
    )}

def say(**sets):
    print(json.dumps({name: sorted(of_name) for name, of_name in sets.items()}))
"""

# What anybody's first use of TensorFlow does to a process
PLAIN = f"""
{SNAPSHOT}
before = snapshot()
import tensorflow as tf
tf.function(lambda x: x + 1, jit_compile=True)(tf.ones(1))
say(before=before, trained=snapshot())
"""

GUEST = f"""
{SNAPSHOT}
before = snapshot()
import tfw2v_gensim
imported = snapshot()
from gensim.test.utils import common_texts
errors, written, done = set(), 0, threading.Event()

def watch():
    global written
    while not done.is_set():
        errors.add(os.readlink("/proc/self/fd/2"))
        os.write(2, b"line %d of the program's\\n" % written)
        written += 1
        if written % 20 == 0:
            faulthandler.dump_traceback()
        time.sleep(0.02)

watching = threading.Thread(target=watch)
watching.start()
tfw2v_gensim.Word2Vec(common_texts, min_count=1, vector_size=12, epochs=1)
done.set()
watching.join()
say(before=before, imported=imported, trained=snapshot(), errors=errors, written=[written])
"""


@pytest.fixture(scope="module")
def ended():
    """The processes of a plain user of TensorFlow and of a training, without a cache: compiling takes time."""
    with ThreadPoolExecutor() as both:
        return dict(
            zip(
                ("plain", "guest"),
                both.map(lambda program: python(program, TFW2V_CACHE=""), (PLAIN, GUEST)),
                strict=True,
            )
        )


@pytest.fixture(scope="module")
def found(ended):
    for process in ended.values():
        assert process.returncode == 0, process.stderr
    return {
        who: {name: set(of_name) for name, of_name in json.loads(process.stdout).items()}
        for who, process in ended.items()
    }


def test_importing_changes_nothing(found):
    assert found["guest"]["imported"] == found["guest"]["before"]


def test_training_changes_nothing_but_what_tensorflow_does(found):
    guest, plain = found["guest"], found["plain"]
    assert guest["trained"] - guest["before"] <= plain["trained"] - plain["before"]
    assert guest["before"] - guest["trained"] <= plain["before"] - plain["trained"]


def test_standard_error_is_the_programs_own_all_the_time(ended, found):
    """While TensorFlow is imported and the step compiled, for Python and for those who write to the descriptor."""
    (written,), said = found["guest"]["written"], ended["guest"].stderr
    assert written > 20
    assert len(found["guest"]["errors"]) == 1
    assert [int(number) for number in re.findall(r"^line (\d+) of the program's$", said, re.M)] == [*range(written)]
    assert said.count("(most recent call first):") >= written // 20


def test_silence_that_is_asked_for_is_given(ended):
    """As far as TensorFlow gives it: some of its libraries tell of CUDA and oneDNN before they look at the level."""
    program = "import tfw2v_gensim\nfrom tfw2v_gensim.process import starting\nstarting.start()"
    silent = python(program, TF_CPP_MIN_LOG_LEVEL="3").stderr.splitlines()
    known = "absl::InitializeLog", "cudart_stub", "oneDNN custom operations are on"
    assert [line for line in silent if not any(words in line for words in known)] == []


def test_a_missing_text_is_told_before_tensorflow_is_started(tmp_path):
    program = (
        "import sys\nfrom tfw2v_gensim.command_line import main\nprint(main(sys.argv[1:]), 'tensorflow' in sys.modules)"
    )
    flags = ["-train", str(tmp_path / "missing"), "-output", str(tmp_path / "vectors")]
    ended = subprocess.run([sys.executable, "-c", program, *flags], capture_output=True, text=True)
    assert ended.stdout == "2 False\n"
    assert ended.stderr == f"tfw2v: error: cannot read {tmp_path / 'missing'}: No such file or directory\n"
