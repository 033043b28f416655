"""Several machines: two workers on loopback train the Lee corpus, disagree, and lose one another.

Run as a script, this file is one of the two workers.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.word2vec import LineSentence
from gensim.test.utils import common_texts, datapath

import tfw2v_gensim
from tfw2v_gensim import Word2Vec
from tfw2v_gensim.callbacks import EarlyStopping, HeldOutLoss
from tfw2v_gensim.distribution import Place

CORPUS = datapath("lee_background.cor")


ARGUMENTS = {"vector_size": 20, "min_count": 2, "sample": 0, "epochs": 4}


class Dies(CallbackAny2Vec):
    """Kill this process at the end of an epoch, as a machine's end does: with no chance to say goodbye."""

    def on_epoch_end(self, model):
        os.kill(os.getpid(), signal.SIGKILL)


def error_of(train):
    try:
        train()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def work(folder, again=False):
    """What each worker does, one after the other; its findings go to the folder."""
    worker = Place.from_environment().worker
    corpus = list(LineSentence(CORPUS))
    checkpoint = folder / f"checkpoint{worker}"  # of machines that share no disk
    stopping = EarlyStopping(min_delta=10.0, patience=1)
    callbacks = [HeldOutLoss(corpus[:20]), stopping]
    stopped = Word2Vec(corpus, checkpoint=folder / f"stopped{worker}", callbacks=callbacks, **ARGUMENTS)
    assert stopping.stopped_epoch == 1 and len(stopped.history) == 2
    np.save(folder / f"stopped{'again' if again else ''}{worker}.npy", stopped.wv.vectors)
    if again:
        model = Word2Vec(corpus, checkpoint=checkpoint, **ARGUMENTS)
        np.save(folder / f"again{worker}.npy", model.wv.vectors)
        return
    model = Word2Vec(corpus, **ARGUMENTS)
    np.save(folder / f"sentences{worker}.npy", model.wv.vectors)
    other_words = [[f"{word}{worker}" for word in sentence] for sentence in common_texts]
    from_file = Word2Vec(corpus_file=CORPUS, **ARGUMENTS, sg=1, shared_softmax=False)
    np.save(folder / f"file{worker}.npy", np.stack([from_file.wv.vectors, from_file.syn1neg]))
    found = {
        "history": model.history,
        "held_out": [row["held_out_loss"] for row in stopped.history],
        "from_file": from_file.history,
        "words": int(model.wv.expandos["count"].sum()),
        "other_words": error_of(lambda: Word2Vec(other_words, vector_size=20, min_count=1)),
        "other_seed": error_of(lambda: Word2Vec(common_texts, vector_size=20, min_count=1, seed=5 + worker)),
        "one_sentence": error_of(lambda: Word2Vec(common_texts[:1], vector_size=20, min_count=1)),
        "lost_at": time.time(),
    }
    callbacks = [Dies()] if worker else []
    found["lost"] = error_of(lambda: Word2Vec(corpus, callbacks=callbacks, checkpoint=checkpoint, **ARGUMENTS))
    found["seconds_to_error"] = time.time() - found.pop("lost_at")
    (folder / f"found{worker}.json").write_text(json.dumps(found, default=float))


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("localhost", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def run_two_workers(*arguments):
    """Run this file as two workers; return their exit statuses."""
    addresses = [f"localhost:{port}" for port in free_ports(2)]
    package = str(Path(tfw2v_gensim.__file__).parents[1])
    running = []
    for worker in range(2):
        config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": worker}}
        environment = {
            **os.environ,
            "TF_CONFIG": json.dumps(config),
            "PYTHONPATH": package,
            "CUDA_VISIBLE_DEVICES": "-1",
        }
        running.append(subprocess.Popen([sys.executable, __file__, *arguments], env=environment))
    try:
        return [process.wait(timeout=300) for process in running]
    finally:
        for process in running:
            process.kill()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where two workers have left what they found."""
    folder = tmp_path_factory.mktemp("workers")
    assert run_two_workers(folder) == [0, -signal.SIGKILL]
    return folder


@pytest.fixture(scope="module")
def found(folder):
    return json.loads((folder / "found0.json").read_text())


@pytest.mark.parametrize("source", ["sentences", "file"])
def test_all_workers_end_with_the_same_vectors(folder, source):
    one, other = (np.load(folder / f"{source}{worker}.npy") for worker in range(2))
    np.testing.assert_array_equal(one, other)
    assert np.isfinite(one).all()
    assert (one != 0).any(axis=-1).all()


@pytest.mark.parametrize("source", ["history", "from_file"])
def test_two_workers_learn(found, source):
    losses = [epoch["loss"] for epoch in found[source]]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] - 0.05


@pytest.mark.parametrize("source", ["history", "from_file"])
def test_every_word_is_trained_once_an_epoch_by_all_workers_together(found, source):
    assert [epoch["effective_words"] for epoch in found[source]] == [found["words"]] * ARGUMENTS["epochs"]


def test_workers_stop_after_the_same_epoch_and_have_the_same_held_out_loss(folder, found):
    one, other = (np.load(folder / f"stopped{worker}.npy") for worker in range(2))
    assert (one == other).all()
    assert len(found["held_out"]) == 2 and found["held_out"][1] < found["held_out"][0] < 5


def test_workers_with_other_words_or_arguments_are_told(found):
    assert found["other_words"].startswith("ValueError: worker 1 has other words in its vocabulary than worker 0")
    assert found["other_seed"].startswith("ValueError: worker 1 has other seed than worker 0")


def test_a_corpus_that_is_too_small_to_share_is_refused(found):
    assert found["one_sentence"].startswith("ValueError: the corpus is too small for 2 workers: only 1 have a share")


def test_a_killed_worker_ends_the_others_with_a_clear_error_within_a_minute(found):
    assert found["lost"].startswith("WorkerLost: worker 0 of 2 (from 0) has lost another worker")
    assert "checkpoint" in found["lost"]
    assert found["seconds_to_error"] < 60


def test_started_again_the_workers_go_on_from_the_checkpoint_of_worker_0(folder):
    assert [path.name for path in folder.glob("checkpoint*/*.npz")] == ["train-0.0.npz"]  # after the first epoch
    assert run_two_workers(folder, "again") == [0, 0]
    unbroken = np.load(folder / "sentences0.npy")
    for worker in range(2):
        np.testing.assert_array_equal(np.load(folder / f"again{worker}.npy"), unbroken)
    stopped = [np.load(folder / f"stopped{run}{worker}.npy") for run in ("", "again") for worker in range(2)]
    assert all((vectors == stopped[0]).all() for vectors in stopped)


if __name__ == "__main__":
    work(Path(sys.argv[1]), again=sys.argv[2:] == ["again"])
