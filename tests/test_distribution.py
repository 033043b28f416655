"""Which worker this is, and how what several have learnt is merged."""

import json

import numpy as np
import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.distribution import OVERSHOOT, Cluster, Place


class SumsHere(Cluster):
    """Several devices of one worker, summed without TensorFlow's strategies."""

    def __init__(self):
        import tensorflow

        self.tensorflow = tensorflow

    def sums(self, tensors):
        return [sum(of_all) for of_all in zip(*tensors, strict=True)]


def test_changes_are_summed_where_they_differ_and_averaged_where_they_agree():
    before = np.ones((5, 2), np.float32)
    learnt = [[3, 0], [3, 0], [2, 0], [1, 1], [0, 0]], [[3, 0], [0, 3], [0, 0], [-1, -1], [0, 0]]
    (merged,) = SumsHere().merged([[before + np.array(change, np.float32)] for change in learnt], [before])
    np.testing.assert_allclose(merged - before, [[3 * 2**0.5, 0], [3, 3], [2, 0], [0, 0], [0, 0]], atol=1e-5)


def test_equal_changes_never_go_far_beyond_their_mean_however_many_there_are():
    before = np.zeros((1, 1), np.float32)
    (merged,) = SumsHere().merged([[before + 1]] * 64, [before])
    assert float(merged[0, 0]) == pytest.approx(OVERSHOOT)


@pytest.mark.parametrize(
    "config, expected",
    [
        ("{", "TF_CONFIG must be JSON"),
        ('{"cluster": {"worker": ["a:1", "b:1"]}}', "TF_CONFIG must be JSON"),
        ('{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "ps", "index": 0}}', "TF_CONFIG must be JSON"),
        ('{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 2}}', "2 workers.* index 2"),
    ],
)
def test_a_wrong_tf_config_is_named(monkeypatch, config, expected):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(ValueError, match=expected):
        Place.from_environment()


@pytest.mark.parametrize(
    "config", ["", "{}", '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 0}}']
)
def test_one_worker_is_one_machine(monkeypatch, config):
    monkeypatch.setenv("TF_CONFIG", config)
    assert Place.from_environment() == Place(0, 1)


def test_a_chief_is_worker_0(monkeypatch):
    cluster = {"chief": ["a:1"], "worker": ["b:1", "c:1"]}
    for job, index, worker in (("chief", 0, 0), ("worker", 0, 1), ("worker", 1, 2)):
        monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": job, "index": index}}))
        assert Place.from_environment() == Place(worker, 3)


def test_tensorflow_must_not_be_in_use_before(be_worker):
    be_worker(0)
    import tensorflow as tf

    assert float(tf.constant(1.0)) == 1.0
    with pytest.raises(RuntimeError, match="TF_CONFIG names 2 workers, but TensorFlow was in use before"):
        Word2Vec(common_texts, min_count=1)
