"""One epoch."""

import re
import threading

import numpy as np
import pytest
from processes import python

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.text.encoding import slabs_of
from tfw2v_gensim.training import epoch as epoch_module
from tfw2v_gensim.training import plan
from tfw2v_gensim.training import replicas as replicas_module
from tfw2v_gensim.training.epoch import Epoch
from tfw2v_gensim.training.machines import Machines
from tfw2v_gensim.training.position import EpochInfo, Position
from tfw2v_gensim.training.rates import HIGHEST_ALPHA
from tfw2v_gensim.training.weights import weights_of


def test_epochs_differ_in_their_draws(lee):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    rounds = [
        Epoch(
            model._settings(), weights_of(model), lambda words: slabs_of(lee, words, model.wv.key_to_index),
            lambda share: 0.025, EpochInfo(epoch, 2, len(lee), None), Position(), [], Machines(),
        ).upcoming.result()
        for epoch in (0, 1)
    ]  # fmt: skip
    assert (rounds[0].noise != rounds[1].noise).any()


def trained_on(devices, sentences, monkeypatch):
    """Train an epoch of several replicas; return which kind of trainer did, and the vectors."""
    monkeypatch.setattr(plan, "REPLICAS", {4: 0})
    model = Word2Vec(vector_size=20)
    model.build_vocab(sentences)
    epoch = Epoch(
        model._settings(), weights_of(model), lambda words: slabs_of(sentences, words, model.wv.key_to_index),
        lambda share: 0.025, EpochInfo(0, 1, len(sentences), None), Position(), [], Machines(devices),
    )  # fmt: skip
    with epoch:
        epoch.run()
        return type(epoch.trainer).__name__, epoch.trained_matrices()["vectors"]


def test_the_replicas_of_one_gpu_train_side_by_side_what_they_train_on_threads(lee, monkeypatch):
    """A processor stands for the GPU: the device's name decides nothing, that there is one does."""
    (kind, side_by_side), (other_kind, on_threads) = (
        trained_on(devices, lee, monkeypatch) for devices in (["CPU:0"], [])
    )
    assert (kind, other_kind) == ("SideBySide", "Trainer")
    np.testing.assert_allclose(side_by_side, on_threads, atol=1e-4)


@pytest.mark.parametrize("loss, at_once", [("random_softmax", 2), ("nce", 2), ("sampled_softmax", 1), ("softmax", 1)])
def test_replicas_train_at_once_where_the_loss_allows_it(lee, monkeypatch, loss, at_once):
    monkeypatch.setattr(plan, "REPLICAS", {4: 0})
    monkeypatch.setattr(replicas_module, "cores", lambda: 2)
    begun = []
    enter = epoch_module.Trainer.__enter__
    monkeypatch.setattr(epoch_module.Trainer, "__enter__", lambda self: begun.append(self.at_once) or enter(self))
    Word2Vec(lee, vector_size=8, epochs=1, loss=loss, max_final_vocab=100)
    assert begun == [at_once]


def constants_of_reductions(trainings):
    """For each (loss, sg), how many reductions start from a constant, of those that XLA leaves to a library."""
    program = f"""
import sys
from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath
from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training import plan
plan.STEPS_PER_EPOCH = 4  # blocks as large as those of large texts
corpus = LineSentence(datapath("lee_background.cor"))
for loss, sg in {trainings}:
    Word2Vec(corpus, epochs=1, max_final_vocab=5000, min_count=1, loss=loss, sg=sg)
    print("end of a training", file=sys.stderr, flush=True)
"""
    ended = python(program, TFW2V_CACHE="", TF_CPP_MIN_LOG_LEVEL="0", TF_CPP_VMODULE="ynn_emitter=3")
    assert ended.returncode == 0, ended.stderr
    logs = ended.stderr.split("end of a training\n")[:-1]
    starts = [re.findall(r"tensor value for reduce op: .* reduce\(%[^,]*, %([^)]*)\)", log) for log in logs]
    return [sum(not start.startswith("param") for start in of_one) for of_one in starts]


@pytest.mark.slow
def test_what_trains_at_once_reduces_from_no_constant():
    """Two threads that begin to run such code at once can crash, see :mod:`tfw2v_gensim.training.objectives`."""
    at_once = [(loss, sg) for loss in ("random_softmax", "nce") for sg in (0, 1)]
    one_at_a_time, *others = constants_of_reductions([("sampled_softmax", 0), *at_once])
    if not one_at_a_time:
        pytest.skip("this TensorFlow leaves no such reduction to a library")
    assert others == [0, 0, 0, 0]


def test_locked_vectors_stay(lee):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    model.wv.vectors_lockf = np.ones(len(model.wv), np.float32)
    model.wv.vectors_lockf[model.wv.get_index("police")] = 0.0
    before = model.wv.vectors.copy()
    model.train(lee, total_examples=model.corpus_count, epochs=1)
    changed = (model.wv.vectors != before).any(axis=1)
    assert not changed[model.wv.get_index("police")]
    assert changed.sum() == len(changed) - 1


def test_diverging_training_says_so_and_keeps_the_last_good_vectors(lee, monkeypatch):
    """Forced: no alpha makes training diverge, as those that would are taken for HIGHEST_ALPHA."""
    monkeypatch.setattr(epoch_module, "HIGHEST_ALPHA", np.inf)
    model = Word2Vec(lee, vector_size=20, epochs=1)
    before = model.wv.vectors.copy()
    with pytest.raises(FloatingPointError, match="alpha=10000"):
        model.train(lee, total_examples=model.corpus_count, epochs=1, start_alpha=10000.0)
    assert (model.wv.vectors == before).all()


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_vectors_that_are_not_finite_before_training_are_told_and_stay(lee, value):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    model.wv.vectors[3] = value
    before = model.wv.vectors.copy()
    with pytest.raises(FloatingPointError, match="training diverged in epoch 0"):
        model.train(lee, total_examples=model.corpus_count, epochs=1)
    np.testing.assert_array_equal(model.wv.vectors, before)


def test_an_alpha_beyond_the_highest_trains_as_that_one_which_is_told_once(lee, caplog):
    highest, beyond = (
        Word2Vec(lee, vector_size=20, epochs=2, alpha=alpha, min_alpha=alpha) for alpha in (HIGHEST_ALPHA, 0.7)
    )
    assert (highest.wv.vectors == beyond.wv.vectors).all()
    assert [epoch["alpha"] for epoch in beyond.history] == [HIGHEST_ALPHA] * 2
    assert [record.getMessage() for record in caplog.records if "highest rate" in record.getMessage()] == [
        "alpha=0.7 is above the highest rate, 0.04, which is taken"
    ]


@pytest.mark.parametrize("bad_pass", [1, 2, 3])
def test_an_exception_of_the_corpus_comes_through_and_leaves_no_thread(lee, bad_pass):
    """In the vocabulary's pass, or in the middle of one of the epochs."""

    class Corpus:
        passes = 0

        def __iter__(self):
            self.passes += 1
            yield from lee[:200]
            if self.passes == bad_pass:
                raise OSError("disk on fire")
            yield from lee[200:]

    threads = threading.enumerate()
    with pytest.raises(OSError, match="disk on fire"):
        Word2Vec(Corpus(), vector_size=20, epochs=2)
    assert threading.enumerate() == threads
