"""The result depends on the corpus and the seed, not on the machine: replicas on one thread and on many."""

import numpy as np

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training import plan
from tfw2v_gensim.training import replicas as replicas_module


def test_replicas_give_the_same_vectors_on_one_thread_and_on_many(lee, mode, monkeypatch):
    monkeypatch.setattr(plan, "REPLICAS", {4: 0})
    threads, pool = [], replicas_module.ThreadPoolExecutor
    monkeypatch.setattr(
        replicas_module, "ThreadPoolExecutor", lambda count, *name: threads.append(count) or pool(count, *name)
    )
    models = []
    for cores, workers in ((1, 3), (16, 8), (16, 1)):
        monkeypatch.setattr(replicas_module, "cores", lambda cores=cores: cores)
        models.append(Word2Vec(lee, vector_size=20, epochs=2, workers=workers, **mode))
    assert threads[::2] == [1, 4, 1]  # of each epoch
    for model in models[1:]:
        np.testing.assert_array_equal(model.wv.vectors, models[0].wv.vectors)
        np.testing.assert_array_equal(model.syn1neg, models[0].syn1neg)


def test_replicas_learn_about_as_much_as_one(lee, monkeypatch):
    losses = []
    for replicas in (1, 4):
        monkeypatch.setattr(plan, "REPLICAS", {replicas: 0})
        losses.append(Word2Vec(lee, vector_size=20, epochs=5).history[-1]["loss"])
    untrained = np.log(1 + plan.block_shape(3e4, 1800, 5, 64, 0).noise)
    assert untrained - losses[1] > 0.7 * (untrained - losses[0]) > 0


def test_many_threads_start_without_a_warning(lee, monkeypatch, caplog):
    monkeypatch.setattr(plan, "REPLICAS", {8: 0})
    monkeypatch.setattr(replicas_module, "cores", lambda: 8)
    Word2Vec(lee, vector_size=23, epochs=2, workers=8)  # a size that no other test has traced
    assert not [record for record in caplog.records if record.name == "tensorflow"]
