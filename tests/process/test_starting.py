"""TensorFlow's start: what it finds, what it reads, and what a fork meets."""

import json
import sys

import pytest
import tensorflow as tf
from processes import python

from tfw2v_gensim.process import starting

TRAIN = """
from gensim.test.utils import common_texts
from tfw2v_gensim import Word2Vec
def train():
    return float(Word2Vec(common_texts, min_count=1, vector_size=12, epochs=1).wv.vectors.sum())
"""

TWICE = f"""
import json, logging, os, subprocess, sys
{TRAIN}
logging.basicConfig(level=logging.INFO, stream=sys.stdout)
logging.getLogger("gensim").setLevel(logging.ERROR)
before = dict(os.environ)
first = train()
changed = {{name for name in {{*before, *os.environ}} if before.get(name) != os.environ.get(name)}}
child = [sys.executable, "-c", "import os; print('TF_XLA_FLAGS' in os.environ)"]
inherited = subprocess.run(child, capture_output=True)
loaded = [name for name in sys.modules if name.startswith("keras.")]
from tensorflow.keras import layers
import keras, tensorflow as tf
same = layers.Dense is keras.layers.Dense is tf.keras.layers.Dense
print(json.dumps([first, train(), sorted(changed), inherited.stdout.decode(), loaded, same]))
"""


@pytest.fixture(scope="module")
def cached(tmp_path_factory):
    """What a process finds that trains twice, and the folder where its compiled code is kept."""
    folder = tmp_path_factory.mktemp("a cache")  # with a blank in its path
    ended = python(TWICE, TFW2V_CACHE=str(folder))
    assert ended.returncode == 0, ended.stderr
    *logged, found = ended.stdout.splitlines()
    return "\n".join(logged), json.loads(found), folder, ended.stderr


def test_a_training_leaves_no_variable_behind(cached):
    _, (_, _, changed, inherited, _, _), _, _ = cached
    assert not {name for name in changed if name.startswith(("TF_XLA", "TF_CPP"))}
    assert inherited == "False\n"


def test_keras_comes_when_it_is_asked_for(cached):
    _, (_, _, _, _, loaded, same), _, _ = cached
    assert loaded == [] and same


def test_of_tensorflow_only_what_it_writes_below_its_own_log_is_left(cached):
    """Two libraries look for CUDA; without a GPU, its start fails: five lines, beside oneDNN's on some processors."""
    lines = [line for line in cached[-1].splitlines() if "oneDNN custom operations are on" not in line]
    assert len(lines) <= 5
    assert [line for line in lines if "absl::InitializeLog" not in line and "cuda" not in line] == []


def test_the_log_says_once_a_training_what_was_decided_and_where_compiled_code_is(cached):
    logged, _, folder, _ = cached
    said = [line for line in logged.splitlines() if "training with" in line]
    assert len(said) == 2
    assert "1 replicas on 1 threads, blocks of 2 x 8 words" in said[0] and "prior 2.5" in said[0]
    assert f"code: compiled, kept in {folder}" in said[0]
    assert said[1].endswith("code: compiled before")


def test_compiled_code_is_taken_from_the_cache_and_made_anew_where_it_is_damaged(cached):
    _, (first, *_), folder, _ = cached
    (compiled,) = folder.glob("tfw2v_gensim/*/*.pb")
    written, content = compiled.stat().st_mtime_ns, compiled.read_bytes()
    again = python(TWICE, TFW2V_CACHE=str(folder))
    assert f"code: found in {folder}" in again.stdout
    assert compiled.stat().st_mtime_ns == written
    compiled.write_bytes(content[:1000])
    after = python(TWICE, TFW2V_CACHE=str(folder))
    assert after.returncode == 0, after.stderr
    assert "WARNING" in after.stdout and "which XLA cannot use" in after.stdout
    for ended in (again, after):
        assert json.loads(ended.stdout.splitlines()[-1])[0] == first
    assert [file.stat().st_size > 1000 for file in folder.glob("tfw2v_gensim/*/*.pb")] == [True]


FORK = f"""
import multiprocessing, os, sys, threading, time
{TRAIN}
fork = multiprocessing.get_context("fork")
def trained_or_refused():
    try:
        return train()
    except RuntimeError as error:
        return "spawn" in str(error)
def of_child():
    with fork.Pool(1) as pool:
        return pool.apply_async(trained_or_refused).get(timeout=200)
Word2Vec(min_count=1, vector_size=12, epochs=1).build_vocab(common_texts)
assert "tensorflow" not in sys.modules
before = of_child()
training = threading.Thread(target=train)
training.start()
while "tensorflow" not in sys.modules:
    time.sleep(0.001)
meanwhile = of_child()
training.join()
print(before == train(), meanwhile, of_child())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_fork_after_counting_can_train_and_one_while_tensorflow_starts_or_after_says_that_it_cannot():
    ended = python(FORK)
    assert (ended.returncode, ended.stdout) == (0, "True True True\n"), ended.stderr


def test_gpus_give_memory_as_it_is_needed_unless_tensorflow_is_in_use(monkeypatch):
    grown = []

    def grow(gpu, enable):
        grown.append((gpu, enable))
        if gpu == "GPU:0":
            raise ValueError("Cannot set memory growth on device when virtual devices configured")

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [f"{kind}:0", f"{kind}:1"])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", grow)
    monkeypatch.setattr(starting.compiled_code, "prepare", lambda: None)
    for in_use in (True, False):
        monkeypatch.setattr(starting, "is_in_use", lambda options, in_use=in_use: in_use)
        starting._look_for_devices()
    assert grown == [("GPU:0", True), ("GPU:1", True)]


def test_whether_tensorflow_is_in_use_is_found_without_a_change():
    tf.ones(1)
    before = tf.config.threading.get_inter_op_parallelism_threads()
    assert starting.is_in_use(tf.config.threading)

    class Unused:
        threads = 3

        def get_inter_op_parallelism_threads(self):
            return self.threads

        def set_inter_op_parallelism_threads(self, threads):
            self.threads = threads

    assert not starting.is_in_use(unused := Unused())
    assert (unused.threads, tf.config.threading.get_inter_op_parallelism_threads()) == (3, before)
