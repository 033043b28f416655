"""Trainings that are cut off go on from their checkpoints, to the vectors of an unbroken run."""

import errno
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from gensim.models.callbacks import CallbackAny2Vec

from tfw2v_gensim import Word2Vec, plan, resuming
from tfw2v_gensim.callbacks import RoundCallback
from tfw2v_gensim.checkpoints import Checkpoints
from tfw2v_gensim.command_line import main
from tfw2v_gensim.plan import block_shape
from tfw2v_gensim.trainer import Trainer

MODES = [dict(sg=sg, shared_softmax=shared) for sg in (0, 1) for shared in (False, True)]
TIMES = {"seconds", "words_per_second"}


class CutError(Exception):
    """Cuts a training off, as a power failure would."""


class CutAfter(RoundCallback):
    def __init__(self, steps, cut=None):
        self.steps = steps
        self.cut = cut

    def on_round_end(self, model, figures):
        self.steps -= 1
        if not self.steps:
            if self.cut:
                self.cut()
            else:
                raise CutError


class Rounds(RoundCallback):
    def __init__(self):
        self.figures = []

    def on_round_end(self, model, figures):
        self.figures.append(figures)


@pytest.fixture(autouse=True)
def a_checkpoint_after_every_round(monkeypatch):
    monkeypatch.setattr(resuming, "CHECKPOINT_MINUTES", 0)


@pytest.fixture
def text(lee):
    return lee[:60]


def train(sentences, **arguments):
    return Word2Vec(sentences, **{"vector_size": 12, "min_count": 2, "epochs": 3, **arguments})


def cut_off(sentences, folder, steps, **arguments):
    with pytest.raises(CutError):
        train(sentences, checkpoint=folder, callbacks=[CutAfter(steps)], **arguments)


def assert_same(model, other):
    assert model.wv.index_to_key == other.wv.index_to_key
    assert (model.wv.vectors == other.wv.vectors).all()
    assert (model.syn1neg == other.syn1neg).all()
    assert model.shared_softmax == (model.syn1neg is model.wv.vectors)
    histories = [
        [{name: row[name] for name in row.keys() - TIMES} for row in history]
        for history in (model.history, other.history)
    ]
    assert histories[0] == histories[1]
    for name in ("running_training_loss", "min_alpha_yet_reached", "train_count", "alpha", "min_alpha", "epochs"):
        assert getattr(model, name) == getattr(other, name)


@pytest.mark.parametrize("mode", MODES)
def test_a_training_cut_off_twice_ends_as_an_unbroken_one(text, tmp_path, mode):
    unbroken = train(text, compute_loss=True, **mode)
    for steps in (2, 4):
        cut_off(text, tmp_path, steps, compute_loss=True, **mode)
    assert_same(train(text, checkpoint=tmp_path, compute_loss=True, **mode), unbroken)


def test_replicas_go_on_too(text, tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "block_shape", lambda *sizes: block_shape(*sizes)._replace(replicas=2, blocks=4))
    unbroken = train(text)
    cut_off(text, tmp_path, 4)
    assert_same(train(text, checkpoint=tmp_path), unbroken)


@pytest.mark.parametrize("steps", range(1, 6))
def test_build_vocab_and_train_on_a_file_go_on_and_count_all_words(text, tmp_path, steps):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in text))

    def trained(checkpoint, callbacks=()):
        model = Word2Vec(vector_size=12, min_count=2, checkpoint=checkpoint)
        model.build_vocab(corpus_file=str(path))
        return model, model.train(
            corpus_file=str(path), total_words=model.corpus_total_words, epochs=2, callbacks=callbacks
        )

    unbroken, counts = trained(None)
    with pytest.raises(CutError):
        trained(tmp_path / "checkpoints", [CutAfter(steps)])
    model, counts_again = trained(tmp_path / "checkpoints")
    assert_same(model, unbroken)
    assert counts_again == counts
    assert model.total_train_time == pytest.approx(sum(row["seconds"] for row in model.history))


def test_what_epoch_callbacks_change_is_in_the_checkpoint_and_they_are_not_called_again(text, tmp_path):
    class Halve(CallbackAny2Vec):
        def __init__(self):
            self.calls = []

        def on_epoch_begin(self, model):
            self.calls.append(("begin", len(model.history)))

        def on_epoch_end(self, model):
            model.wv.vectors *= 0.5
            self.calls.append(("end", len(model.history)))

    rounds = Rounds()
    unbroken = train(text, callbacks=[Halve(), rounds])
    in_an_epoch = [figures["epoch"] for figures in rounds.figures].count(0)
    with pytest.raises(CutError):
        train(text, checkpoint=tmp_path, callbacks=[Halve(), CutAfter(in_an_epoch + 1)])
    halve = Halve()
    assert_same(train(text, checkpoint=tmp_path, callbacks=[halve]), unbroken)
    assert halve.calls == [("begin", 1), ("end", 2), ("begin", 2), ("end", 3)]


def test_a_finished_training_is_not_trained_again(text, tmp_path, monkeypatch, caplog):
    finished = train(text, checkpoint=tmp_path, compute_loss=True)
    monkeypatch.setattr(Trainer, "train", lambda *_: pytest.fail("it was trained"))
    caplog.set_level("INFO", "tfw2v_gensim.resuming")
    assert_same(train(text, checkpoint=str(tmp_path), compute_loss=True), finished)
    assert "finished training" in caplog.text


def test_each_call_of_train_has_its_own_checkpoints(text, tmp_path):
    def train_twice(checkpoint, callbacks=()):
        model = train(text, epochs=2, checkpoint=checkpoint)
        between = model.wv.vectors.copy()
        model.build_vocab([["okapi", "zebra"] * 3], update=True)
        model.train(text[::-1], total_examples=len(text), epochs=2, callbacks=callbacks)
        return model, between

    unbroken, after_first = train_twice(None)
    with pytest.raises(CutError):
        train_twice(tmp_path, [CutAfter(3)])
    again, after_first_again = train_twice(tmp_path)
    assert_same(again, unbroken)
    assert (after_first == after_first_again).all()
    assert sorted(os.listdir(tmp_path)) == [f"train-{call}.{which}.npz" for call in (0, 1) for which in (0, 1)]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(alpha=0.05), "alpha is 0.025 in the checkpoint, 0.05 was given"),
        (dict(epochs=4), "epochs is 3 in the checkpoint, 4 was given"),
        (dict(window=3, seed=2), "window is 5 in the checkpoint, 3 was given; seed is 1 in the checkpoint, 2 was"),
        (dict(vector_size=13), "vector_size is 12"),
        (dict(shared_softmax=False), "shared_softmax is True in the checkpoint, False was given"),
        (dict(loss="nce"), "loss is 'random_softmax' in the checkpoint, 'nce' was given"),
    ],
    ids=str,
)
def test_other_arguments_are_refused_by_name(text, tmp_path, arguments, message):
    cut_off(text, tmp_path, 2)
    with pytest.raises(ValueError, match=message):
        train(text, checkpoint=tmp_path, **arguments)


def test_another_corpus_is_refused(text, tmp_path):
    cut_off(text, tmp_path, 2)
    with pytest.raises(ValueError, match="corpus_count is 60 in the checkpoint, 59 was given"):
        train(text[:-1], checkpoint=tmp_path)
    with pytest.raises(ValueError, match=r"word 0 of the vocabulary is 'the' \(.* in the checkpoint, 'The' \(.* given"):
        train([[word.capitalize() for word in sentence] for sentence in text], checkpoint=tmp_path)


def test_other_initial_vectors_are_refused(text, tmp_path):
    cut_off(text, tmp_path, 2)
    model = Word2Vec(vector_size=12, min_count=2, checkpoint=tmp_path)
    model.build_vocab(text)
    model.wv.vectors[0] += 1.0
    with pytest.raises(ValueError, match="vectors is not what it was"):
        model.train(text, total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=3)


def test_what_changes_nothing_may_differ(text, tmp_path):
    unbroken = train(text)
    cut_off(text, tmp_path, 2)
    again = train(text, checkpoint=tmp_path, workers=7, batch_words=9, comment="again", progress=False)
    assert (again.wv.vectors == unbroken.wv.vectors).all()


@pytest.mark.parametrize("mode", [{"hs": 1}, {"negative": 0}])
def test_gensims_own_trainer_takes_no_checkpoints(text, tmp_path, mode):
    with pytest.raises(ValueError, match="checkpoint must be None"):
        train(text, checkpoint=tmp_path, **mode)
    model = train(text, hs=1)
    model.checkpoint = tmp_path
    with pytest.raises(ValueError, match="checkpoint must be None"):
        model.train(text, total_examples=model.corpus_count, epochs=1)


@pytest.mark.parametrize("checkpoint", [5, "", b"folder", ["folder"]])
def test_a_checkpoint_is_the_path_of_a_folder(checkpoint):
    with pytest.raises(ValueError, match="checkpoint must be the path of a folder"):
        Word2Vec(checkpoint=checkpoint)


def test_the_folder_is_not_saved_with_the_model(text, tmp_path):
    model = train(text, checkpoint=tmp_path / "checkpoints")
    model.save(str(tmp_path / "model"))
    assert Word2Vec.load(str(tmp_path / "model")).checkpoint is None
    assert not hasattr(model.to_gensim(), "checkpoint")


def test_words_of_every_kind_go_on(tmp_path):
    words = [
        "\ud800",
        "\ud83d\ude00",
        "😀",
        "a b",
        "line\nbreak",
        "\0",
        "x" * 10_000,
        7,
        "7",
        b"7",
        ("a", "tuple"),
        None,
    ]
    sentences = [words] * 40
    unbroken = train(sentences, sample=0)
    cut_off(sentences, tmp_path, 2, sample=0)
    assert_same(train(sentences, sample=0, checkpoint=tmp_path), unbroken)


def newest(folder):
    return Checkpoints(folder, 0).load()[1]


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_checkpoint_is_told_and_the_one_before_it_is_taken(text, tmp_path, caplog, seed):
    unbroken = train(text)
    cut_off(text, tmp_path, 4)
    path, generator = newest(tmp_path), np.random.default_rng(seed)
    content = bytearray(path.read_bytes())
    if seed % 2:
        content = content[: generator.integers(len(content))]
    else:  # somewhere in the vectors: not all of an archive's own bytes say anything
        content[content.find(b"vectors.npy") + 200 + generator.integers(1000)] ^= 1 << generator.integers(8)
    path.write_bytes(content)
    assert_same(train(text, checkpoint=tmp_path), unbroken)
    assert f"broken checkpoint {path}" in caplog.text


def test_without_a_whole_checkpoint_nothing_is_trained(text, tmp_path):
    cut_off(text, tmp_path, 4)
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"no whole checkpoint, .*train-0\.0\.npz .*train-0\.1\.npz"):
        train(text, checkpoint=tmp_path)


def test_checkpoints_hold_no_pickle(text, tmp_path):
    train(text, checkpoint=tmp_path, shared_softmax=False)
    with np.load(newest(tmp_path), allow_pickle=False) as arrays:
        read = {name: arrays[name] for name in arrays.files}
    assert set(read) == {"vectors", "syn1neg", "count", "words", "state"}
    assert json.loads(read["state"].tobytes())["epoch"] == 3


def test_when_the_disk_is_full_the_former_checkpoint_stays(text, tmp_path, monkeypatch):
    unbroken = train(text)
    cut_off(text, tmp_path, 3)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def fill_the_disk(path, **_):
        Path(path).write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(np, "savez", fill_the_disk)
        with pytest.raises(OSError, match=r"cannot write checkpoint .*npz: No space left on device"):
            train(text, checkpoint=tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert_same(train(text, checkpoint=tmp_path), unbroken)


def test_a_file_system_that_takes_no_more_is_told_and_the_former_checkpoint_stays(text, tmp_path):
    resource = pytest.importorskip("resource")
    cut_off(text, tmp_path, 3)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"cannot write checkpoint .*npz: File too large"):
            train(text, checkpoint=tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("mode", MODES)
def test_ctrl_c_keeps_what_is_trained_and_train_goes_on(text, tmp_path, mode):
    unbroken = train(text, **mode)
    model = Word2Vec(vector_size=12, min_count=2, checkpoint=tmp_path, **mode)
    model.build_vocab(text)
    before, threads = model.wv.vectors.copy(), threading.enumerate()
    model.wv.fill_norms()
    call = dict(total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=3)
    for steps in (2, 3):
        with pytest.raises(KeyboardInterrupt, match=r"training stopped in epoch \d of 3, [\d,]+ of its words"):
            model.train(text, callbacks=[CutAfter(steps, press_ctrl_c)], **call)
    assert threading.enumerate() == threads
    assert (model.wv.vectors != before).any() and np.isfinite(model.syn1neg).all()
    np.testing.assert_allclose(np.linalg.norm(model.wv.get_vector("the", norm=True)), 1.0, rtol=1e-5)
    assert model.wv.most_similar("the")
    model.save(str(tmp_path / "model"))
    assert (Word2Vec.load(str(tmp_path / "model")).wv.vectors == model.wv.vectors).all()
    model.train(text, **call)
    assert_same(model, unbroken)


def test_ctrl_c_in_the_middle_of_a_step_waits_for_its_end(text, monkeypatch):
    """Weights of a step are there whole: those of the rounds trained, and of no other."""

    def weights_after(steps, pressed):
        model = Word2Vec(vector_size=12, min_count=2)
        model.build_vocab(text)
        whole_step, count = Trainer.train, itertools.count(1)

        def train_and_press(trainer, *arguments):
            if next(count) == steps and pressed:
                press_ctrl_c()
            return whole_step(trainer, *arguments)

        with monkeypatch.context() as changed:
            changed.setattr(Trainer, "train", train_and_press)
            callbacks = () if pressed else [CutAfter(steps, press_ctrl_c)]
            with pytest.raises(KeyboardInterrupt):
                model.train(text, total_examples=model.corpus_count, epochs=3, callbacks=callbacks)
        return model.wv.vectors

    assert (weights_after(2, pressed=True) == weights_after(2, pressed=False)).all()


def ours(said):
    """Lines on standard error that are not TensorFlow's: they begin with a date, or with the level."""
    return "\n".join(line for line in said.splitlines() if not re.match(r"[IWE]\d{4} |\d{4}-\d\d|WARNING: ", line))


def test_ctrl_c_on_the_command_line_is_one_line_and_status_130_and_the_same_command_goes_on(
    text, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)  # most of TensorFlow's messages are left out
    Path("corpus.txt").write_text("".join(" ".join(sentence) + "\n" for sentence in text))
    flags = ["-train", "corpus.txt", "-size", "12", "-iter", "60", "-output"]
    checkpointed = [*flags, "vectors", "--checkpoint", "checkpoints"]
    stopped = subprocess.Popen([sys.executable, "-m", "tfw2v_gensim", *checkpointed], stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("checkpoints/*.npz")):
        assert stopped.poll() is None
    stopped.send_signal(signal.SIGINT)
    _, said = stopped.communicate(timeout=60)
    assert stopped.returncode == 130
    assert re.fullmatch("tfw2v: (training stopped in epoch .* of 60, .*|stopped)", ours(said))
    assert not Path("vectors").exists()
    assert Checkpoints("checkpoints", 0).load()[0]["epoch"] < 60
    assert main(checkpointed) == main([*flags, "unbroken"]) == 0
    assert Path("vectors").read_bytes() == Path("unbroken").read_bytes()
    assert main([*checkpointed, "-window", "3"]) == 2
    assert re.fullmatch("tfw2v: error: .*window is 5 in the checkpoint, 3 was given\n", capsys.readouterr().err)


KILLS = """
import os, random, signal, sys, time, zlib

import tensorflow  # once, for all the processes that are forked below: none is started before
from gensim.models.word2vec import LineSentence

from tfw2v_gensim import Word2Vec, checkpoints, resuming
from tfw2v_gensim.callbacks import RoundCallback

folder, seed = sys.argv[1], 1
resuming.CHECKPOINT_MINUTES = 0


class Slow(RoundCallback):
    def on_round_end(self, model, figures):
        time.sleep(0.01)


def train(checkpoint, callbacks=()):
    return Word2Vec(
        LineSentence("corpus.txt"), vector_size=12, min_count=2, epochs=20, checkpoint=checkpoint, callbacks=callbacks
    )


def in_a_process(function):
    child = os.fork()
    if not child:
        try:
            function()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def write_checksum(name, checkpoint):
    with open(name, "w") as file:
        file.write(str(zlib.crc32(train(checkpoint).wv.vectors)))


def last():
    found = checkpoints.Checkpoints(folder, 0).load()
    return found[0] if found else {"saved": -1, "epoch": 0}


def unfinished():
    return [name for name in os.listdir(folder) if name.startswith(".")]


os.makedirs(folder)
generator, killed_while_saving = random.Random(seed), 0
for kill in range(20):
    before = last()
    assert before["epoch"] < 20, f"finished before kill {kill}"
    child = in_a_process(lambda: train(folder, [Slow()]))
    names = sorted(checkpoints.Checkpoints(folder, 0).paths)

    def times():
        return [os.stat(name).st_mtime_ns if name.exists() else 0 for name in names]

    at_start = times()
    while times() == at_start:  # it goes on
        assert not os.waitpid(child, os.WNOHANG)[0], "the training ended"
    time.sleep(generator.uniform(0, 0.1))
    if kill % 2:
        while not unfinished():
            pass
        time.sleep(generator.uniform(0, 0.002))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    killed_while_saving += bool(unfinished())
    assert last()["saved"] > before["saved"]
print(f"{killed_while_saving} of 20 while saving, the last in epoch {last()['epoch']}")
resuming.CHECKPOINT_MINUTES = 10
for name, checkpoint in (("broken", folder), ("unbroken", None)):
    child = in_a_process(lambda: write_checksum(name, checkpoint))
    assert not os.waitpid(child, 0)[1]
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it forks")
def test_twenty_kills_lose_nothing(text, tmp_path):
    (tmp_path / "corpus.txt").write_text("".join(" ".join(sentence) + "\n" for sentence in text))
    chain = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLS, "checkpoints"], cwd=tmp_path, capture_output=True, text=True
    )
    assert chain.returncode == 0, chain.stderr
    assert int(chain.stdout.split()[0]) > 0, "none was killed while it was saving"
    assert (tmp_path / "broken").read_text() == (tmp_path / "unbroken").read_text()
