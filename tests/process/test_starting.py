"""TensorFlow's start: what reaches standard error, and what is kept of compiled code."""

import os
import sys
import threading

import pytest
from processes import python

from tfw2v_gensim.process import starting

TRAIN = """
from gensim.test.utils import common_texts
from tfw2v_gensim import Word2Vec
print(Word2Vec(common_texts, min_count=1, vector_size=12, epochs=1).wv.vectors.sum())
"""


@pytest.fixture(scope="module")
def cached(tmp_path_factory):
    """A training in a process of its own, and the folder where its compiled code is kept."""
    folder = tmp_path_factory.mktemp("cache")
    return python(TRAIN, TFW2V_CACHE=str(folder)), folder


def test_a_training_writes_nothing_to_standard_error(cached):
    finished, _ = cached
    assert (finished.returncode, finished.stderr) == (0, "")


def test_compiled_code_is_taken_from_the_cache_unless_it_is_damaged(cached):
    finished, folder = cached
    (compiled,) = folder.glob("*/*.pb")
    (seal,) = folder.glob("*/*.checksum")
    written = compiled.stat().st_mtime_ns
    assert python(TRAIN, TFW2V_CACHE=str(folder)).stdout == finished.stdout
    assert compiled.stat().st_mtime_ns == written
    content = compiled.read_bytes()
    compiled.write_bytes(content[:1000])
    again = python(TRAIN, TFW2V_CACHE=str(folder))
    assert (again.stdout, again.stderr) == (finished.stdout, "")
    assert compiled.stat().st_size > 1000
    assert seal.read_text().split() == [starting.checksum(compiled), *starting.written(compiled)]


def test_what_is_not_sealed_or_not_what_was_sealed_is_dropped(tmp_path):
    for name in ("whole", "copied", "shorter", "changed", "emptied", "strange"):
        (tmp_path / f"{name}.pb").write_bytes(b"code")
    starting.seal(tmp_path)
    (tmp_path / "shorter.pb").write_bytes(b"cod")
    (tmp_path / "changed.pb").write_bytes(b"edoc")
    starting.seal_of(tmp_path / "emptied.pb").write_bytes(b"")
    for later in ("copied", "changed"):
        os.utime(tmp_path / f"{later}.pb")
    starting.seal_of(tmp_path / "strange.pb").unlink()
    starting.drop_damaged(tmp_path)
    left = {f"{kept}.{kind}" for kept in ("whole", "copied") for kind in ("pb", "checksum")}
    assert {file.name for file in tmp_path.iterdir()} == left
    assert starting.seal_of(copied := tmp_path / "copied.pb").read_text().split()[1:] == starting.written(copied)


def test_the_oldest_files_go_where_the_cache_is_too_large(tmp_path):
    folder = tmp_path / "version"
    folder.mkdir()
    for age in range(4):
        file = folder / f"{age}.pb"
        file.write_bytes(b"x" * 10)
        os.utime(file, (1000 - age, 1000 - age))
    starting.drop_oldest(tmp_path, largest=25)
    assert sorted(file.name for file in folder.iterdir()) == ["0.pb", "1.pb"]


def test_without_a_folder_to_write_to_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_XLA_FLAGS", raising=False)
    (tmp_path / "file").write_text("in the way")
    for chosen in ("", str(tmp_path / "file")):
        monkeypatch.setenv("TFW2V_CACHE", chosen)
        starting.keep_compiled_code()
        assert "TF_XLA_FLAGS" not in os.environ


def test_only_chatter_is_taken_out():
    reading, writing = os.pipe()
    end, start = os.pipe()
    lines = [
        b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        b"I0000 00:00:1 2 port.cc:153] oneDNN custom operations are on.",
        b"W0000 00:00:1 2 allocator.cc:1] allocation exceeds 10% of free memory",
        b"E0000 00:00:1 2 cuda_platform.cc:52] failed call to cuInit: UNKNOWN ERROR (303)",
        b"E0000 00:00:1 2 other.cc:52] something is wrong",
        b"ours, without an end of line",
    ]
    os.write(writing, b"\n".join(lines))
    os.close(writing)
    starting.pass_on(reading, start)
    with open(end, "rb") as passed:
        assert passed.read().split(b"\n") == [lines[2], lines[4], lines[5]]


def test_what_others_write_meanwhile_comes_through(capfd, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)

    def write():
        with starting.quiet:
            os.write(2, b"I0000 note\nthread\n")

    with starting.quiet:
        threads = [threading.Thread(target=write) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print("program", file=sys.stderr)
    os.write(2, b"I0000 after\n")
    lines = capfd.readouterr().err.splitlines()
    assert sorted(lines) == ["I0000 after", "program", "thread", "thread", "thread"]


def test_no_thread_makes_tensors_while_another_one_traces():
    """Their number is in the names by which compiled code is found."""
    import tensorflow as tf

    made, made_meanwhile, others = [], [], []

    @tf.function
    def step(numbers):
        before = len(made)
        others.append(threading.Thread(target=starting.first_call, args=(step, arguments)))
        others[0].start()
        others[0].join(0.2)
        made_meanwhile.append(len(made) - before)
        return numbers + 1.0

    def arguments():
        made.append(tf.ones(3))
        return made[-1:]

    assert starting.first_call(step, arguments).numpy().tolist() == [2.0, 2.0, 2.0]
    others[0].join()
    assert (len(made), made_meanwhile) == (2, [0])


def test_keras_comes_when_it_is_asked_for():
    program = """
import sys
from tfw2v_gensim.process import starting
starting.start()
assert not any(name.startswith("keras.") for name in sys.modules), "Keras was imported"
from tensorflow.keras import layers
import keras, tensorflow as tf
print(layers.Dense is keras.layers.Dense is tf.keras.layers.Dense)
"""
    assert python(program).stdout == "True\n"


@pytest.mark.parametrize("collects", [True, False])
def test_what_the_import_makes_is_left_to_the_rare_collections(collects):
    finished = python(f"""
import gc
{"" if collects else "gc.disable()"}
from tfw2v_gensim.process import starting
starting.start()
young, middle, old = (len(gc.get_objects(generation)) for generation in range(3))
print(gc.isenabled(), gc.get_freeze_count(), old > 10 * (young + middle))
""")
    assert finished.stdout.split() == [str(collects), "0", str(collects)]


def test_libraries_that_others_load_are_bound_as_before():
    program = """
import sys
from tfw2v_gensim.process import starting
sys.setdlopenflags(0x102)
starting.start()
print(hex(sys.getdlopenflags()))
"""
    assert python(program).stdout == "0x102\n"


def test_a_forked_child_of_a_training_says_that_it_cannot_train():
    program = f"""
import multiprocessing, os
{TRAIN}
def child():
    try:
        Word2Vec(common_texts, min_count=1, vector_size=12, epochs=1)
    except RuntimeError as error:
        print("spawn" in str(error), flush=True)
process = multiprocessing.get_context("fork").Process(target=child)
process.start()
process.join(60)
print(process.exitcode)
"""
    assert python(program).stdout.split()[1:] == ["True", "0"]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes cannot be bound to cores here")
def test_only_the_cores_that_the_process_may_use_are_counted():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert starting.cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert starting.cores() == len(allowed)
