"""Which worker this is, and what several tell each other."""

import json

import numpy as np
import pytest
import tensorflow
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.distribution import Cluster, Place
from tfw2v_gensim.training.blocks import Round
from tfw2v_gensim.training.machines import Rank


class SumsHere(Cluster):
    """A cluster of which nobody but this worker has anything to add; TensorFlow has no part in it."""

    def __init__(self, devices=1):
        self.rank, self.devices, self.last = Rank(0, 2), ["CPU:0"] * devices, None
        self.given = []

    def all_reduce(self, tensors):
        assert len(tensors) == len(self.devices)
        self.given.append(tensors)
        return [tensorflow.constant(sum(of_all)) for of_all in zip(*tensors, strict=True)]


@pytest.mark.parametrize("devices", [1, 3])
def test_a_worker_adds_its_arrays_once_however_many_devices_it_has(devices):
    ours = [np.arange(6, dtype=np.float32).reshape(3, 2), np.ones(3, np.float32)]
    for total, array in zip(SumsHere(devices).sum_arrays(*ours), ours, strict=True):
        assert isinstance(total, np.ndarray)
        np.testing.assert_array_equal(total, array)


def test_summed_scalars_keep_their_types_and_large_counts():
    totals = SumsHere().sum_scalars(2**40 + 1, 0.1)
    assert totals == [2**40 + 1, 0.1] and [type(total) for total in totals] == [int, float]


def test_worker_0_tells_text_and_matrices_to_all():
    matrices = [np.ones((2, 3), np.float32)]
    text, given = SumsHere().broadcast('{"epoch": 1, "word": "naïve"}', matrices)
    assert text == '{"epoch": 1, "word": "naïve"}'
    np.testing.assert_array_equal(given[0], matrices[0])


def test_what_others_say_of_a_checkpoint_is_not_heard():
    other = SumsHere()
    other.rank = Rank(1, 2)
    text, given = other.broadcast("", [np.ones((2, 3), np.float32)])
    assert text == "" and (given[0] == 0).all()


def a_round():
    one_row = np.ones((1, 1, 1, 1), np.int32)
    return Round(
        [np.zeros(1, np.int32)], [0], one_row, one_row, one_row, one_row, np.ones(1, np.int32), None, None, 1, 1, 1
    )


def test_a_worker_whose_share_is_used_up_takes_part_with_no_blocks():
    machines = SumsHere()
    others = [1, 1]  # the other one has begun, and goes on once more than this one
    machines.sum_scalars = lambda *values: [value + other for value, other in zip(values, others, strict=True)]
    assert machines.next_round(a_round()).blocks.tolist() == [1]
    idle = machines.next_round(None)
    assert idle.blocks.tolist() == [0] and idle.examples() == 0
    others[0] = 0
    assert machines.next_round(None) is None


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
    assert float(tensorflow.constant(1.0)) == 1.0
    with pytest.raises(RuntimeError, match="TF_CONFIG names 2 workers, but TensorFlow was in use before"):
        Word2Vec(common_texts, min_count=1)
