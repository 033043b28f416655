"""Ctrl-C and kill -9, at any moment."""

import itertools
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from cutting import CutAfter, assert_same, train

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.callbacks.checkpoints import Checkpoints
from tfw2v_gensim.command_line import main
from tfw2v_gensim.training.replicas import Trainer

pytestmark = pytest.mark.usefixtures("a_checkpoint_after_every_round")


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_keeps_what_is_trained_and_train_goes_on(articles, tmp_path, mode, several_rounds):
    unbroken = train(articles, **mode)
    model = Word2Vec(vector_size=20, min_count=2, checkpoint=tmp_path, **mode)
    model.build_vocab(articles)
    before, threads = model.wv.vectors.copy(), threading.enumerate()
    model.wv.fill_norms()
    call = dict(total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=3)
    for steps in (2, 3):
        with pytest.raises(KeyboardInterrupt, match=r"training stopped in epoch \d of 3, [\d,]+ of its words"):
            model.train(articles, callbacks=[CutAfter(steps, press_ctrl_c)], **call)
    assert threading.enumerate() == threads
    assert (model.wv.vectors != before).any() and np.isfinite(model.syn1neg).all()
    np.testing.assert_allclose(np.linalg.norm(model.wv.get_vector("the", norm=True)), 1.0, rtol=1e-5)
    assert model.wv.most_similar("the")
    model.save(str(tmp_path / "model"))
    assert (Word2Vec.load(str(tmp_path / "model")).wv.vectors == model.wv.vectors).all()
    model.train(articles, **call)
    assert_same(model, unbroken)


def test_ctrl_c_in_the_middle_of_a_step_waits_for_its_end(articles, monkeypatch):
    """Weights of a step are there whole: those of the rounds trained, and of no other."""

    def weights_after(steps, pressed):
        model = Word2Vec(vector_size=20, min_count=2)
        model.build_vocab(articles)
        whole_step, count = Trainer.train, itertools.count(1)

        def train_and_press(trainer, *arguments):
            if next(count) == steps and pressed:
                press_ctrl_c()
            return whole_step(trainer, *arguments)

        with monkeypatch.context() as changed:
            changed.setattr(Trainer, "train", train_and_press)
            callbacks = () if pressed else [CutAfter(steps, press_ctrl_c)]
            with pytest.raises(KeyboardInterrupt):
                model.train(articles, total_examples=model.corpus_count, epochs=3, callbacks=callbacks)
        return model.wv.vectors

    assert (weights_after(2, pressed=True) == weights_after(2, pressed=False)).all()


def ours(said):
    """Lines on standard error that are not TensorFlow's: they begin with a date, or with the level."""
    return "\n".join(line for line in said.splitlines() if not re.match(r"[IWE]\d{4} |\d{4}-\d\d|WARNING: ", line))


def test_ctrl_c_on_the_command_line_is_one_line_and_status_130_and_the_same_command_goes_on(
    articles, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)  # most of TensorFlow's messages are left out
    Path("corpus.txt").write_text("".join(" ".join(sentence) + "\n" for sentence in articles))
    flags = ["-train", "corpus.txt", "-size", "20", "-iter", "40", "-output"]
    checkpointed = [*flags, "vectors", "--checkpoint", "checkpoints"]
    stopped = subprocess.Popen([sys.executable, "-m", "tfw2v_gensim", *checkpointed], stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("checkpoints/*.npz")):
        assert stopped.poll() is None
        time.sleep(0.001)
    stopped.send_signal(signal.SIGINT)
    _, said = stopped.communicate(timeout=60)
    assert stopped.returncode == 130
    assert re.fullmatch("tfw2v: (training stopped in epoch .* of 40, .*|stopped)", ours(said))
    assert not Path("vectors").exists()
    assert Checkpoints("checkpoints", 0).load()[0]["epoch"] < 40
    assert main(checkpointed) == main([*flags, "unbroken"]) == 0
    assert Path("vectors").read_bytes() == Path("unbroken").read_bytes()
    assert main([*checkpointed, "-window", "3"]) == 2
    assert re.fullmatch("tfw2v: error: .*window is 5 in the checkpoint, 3 was given\n", capsys.readouterr().err)


KILL_AND_GO_ON = """
import os, random, signal, sys, time, zlib

import tensorflow  # once, for all the processes that are forked below: none is started before
from gensim.models.word2vec import LineSentence

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.callbacks import checkpoints, resuming
from tfw2v_gensim.callbacks import RoundCallback

KILLS, EPOCHS = 6, 20
folder, seed = sys.argv[1], 1
resuming.CHECKPOINT_MINUTES = 0


class Slow(RoundCallback):
    def on_round_end(self, model, figures):
        time.sleep(0.01)


def train(checkpoint, callbacks=()):
    return Word2Vec(
        LineSentence("corpus.txt"), vector_size=20, min_count=2, epochs=EPOCHS, checkpoint=checkpoint,
        callbacks=callbacks,
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
for kill in range(KILLS):
    before = last()
    assert before["epoch"] < EPOCHS, f"finished before kill {kill}"
    child = in_a_process(lambda: train(folder, [Slow()]))
    names = sorted(checkpoints.Checkpoints(folder, 0).paths)

    def times():
        return [os.stat(name).st_mtime_ns if name.exists() else 0 for name in names]

    at_start = times()
    while times() == at_start:  # it goes on
        assert not os.waitpid(child, os.WNOHANG)[0], "the training ended"
        time.sleep(0.001)
    time.sleep(generator.uniform(0, 0.1))
    if kill % 2:
        while not unfinished():
            pass
        time.sleep(generator.uniform(0, 0.002))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    killed_while_saving += bool(unfinished())
    assert last()["saved"] > before["saved"]
print(f"{killed_while_saving} of {KILLS} while saving, the last in epoch {last()['epoch']}")
resuming.CHECKPOINT_MINUTES = 10
for name, checkpoint in (("broken", folder), ("unbroken", None)):
    child = in_a_process(lambda: write_checksum(name, checkpoint))
    assert not os.waitpid(child, 0)[1]
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it forks")
def test_kills_one_after_the_other_lose_nothing(articles, tmp_path):
    (tmp_path / "corpus.txt").write_text("".join(" ".join(sentence) + "\n" for sentence in articles))
    command = [sys.executable, "-W", "ignore", "-c", KILL_AND_GO_ON, "checkpoints"]
    chain = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert chain.returncode == 0, chain.stderr
    assert int(chain.stdout.split()[0]) > 0, "none was killed while it was saving"
    assert (tmp_path / "broken").read_text() == (tmp_path / "unbroken").read_text()
