"""Two models that two threads train at once are those that are trained one after the other."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training import epoch as epoch_module
from tfw2v_gensim.training import plan

KINDS = [{"sg": 0}, {"sg": 1, "shared_softmax": False}]


def weights(model):
    return np.stack([model.wv.vectors, model.syn1neg])


@pytest.mark.parametrize("loss", ["random_softmax", "sampled_softmax"])
def test_at_once_and_one_after_the_other_give_the_same_vectors(lee, monkeypatch, loss):
    monkeypatch.setattr(plan, "REPLICAS", {2: 0})
    both_there = threading.Barrier(2)

    def train(arguments, wait=lambda: None):
        wait()
        return Word2Vec(lee, epochs=2, loss=loss, **arguments)

    for kinds in (KINDS, KINDS[:1] * 2):  # of different code, and of one that both want compiled
        # sizes that no other test has compiled
        arguments = [{**kind, "vector_size": 17} for kind in kinds]
        with ThreadPoolExecutor(2) as threads:
            at_once = [*threads.map(lambda each: train(each, both_there.wait), arguments)]
        for model, alone in zip(at_once, map(train, arguments), strict=True):
            np.testing.assert_array_equal(weights(model), weights(alone))


def test_code_that_may_not_run_at_once_does_not_run_in_two_models_at_once(lee, monkeypatch):
    running, most = [], []
    train = epoch_module.Trainer.train

    def watched(self, *arguments):
        running.append(self)
        most.append(len(running))
        try:
            return train(self, *arguments)
        finally:
            running.remove(self)

    monkeypatch.setattr(epoch_module.Trainer, "train", watched)
    with ThreadPoolExecutor(2) as threads:
        [*threads.map(lambda seed: Word2Vec(lee, vector_size=12, loss="sampled_softmax", seed=seed), range(2))]
    assert max(most) == 1
