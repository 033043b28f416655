"""Replicas, and devices, and what is merged of them."""

import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from reference import DISTANCE_WEIGHTS, VOCABULARY, Reference, factors_of, random_block, random_weights

from tfw2v_gensim.training import programs, step
from tfw2v_gensim.training import replicas as replicas_module
from tfw2v_gensim.training.blocks import Round
from tfw2v_gensim.training.machines import Machines
from tfw2v_gensim.training.merging import Updates, merge
from tfw2v_gensim.training.replicas import Trainer, padded_size


def round_of(blocks, replicas, used=None):
    """A round of blocks, of which each replica is told its own words and their places."""
    count = len(blocks) // replicas
    tokens, left, right, noise = (np.stack(x).reshape(count, replicas, *x[0].shape) for x in zip(*blocks, strict=True))
    met = [{*tokens[:, replica].flat, *noise[:, replica].flat} for replica in range(replicas)]
    words_of, shared = [], []
    for replica, own in enumerate(met):
        others = set().union(*met[:replica], *met[replica + 1 :])
        words = [*sorted(own & others), *sorted(own - others)]
        words_of.append(np.array(words, np.int32))
        shared.append(len(own & others))
        for array in tokens[:, replica], noise[:, replica]:
            array[...] = np.vectorize(words.index)(array)
    used = np.full(replicas, count, np.int32) if used is None else np.array(used, np.int32)
    return Round(words_of, shared, tokens, left, right, noise, used, None, None, 0, 0, 0)


def train_one_round(sg, shared, replicas=1, blocks=3, used=None, lock=(1.0,), devices=(), weights=None):
    """Train a round of random blocks; return initial weights, trained weights, the loss, and the blocks."""
    many = [random_block((4, 4, 2, 1, 2), seed) for seed in range(blocks * replicas)]
    vectors, softmax = weights or random_weights(shared)
    with Trainer(
        vectors, None if shared else softmax, np.array(lock, np.float32), factors_of(shared), sg, True, replicas,
        machines=Machines(devices), distance_weights=DISTANCE_WEIGHTS,
    ) as replicas_trainer:  # fmt: skip
        loss = replicas_trainer.train(round_of(many, replicas, used), np.full((blocks, replicas), 0.1, np.float32))
        return (vectors, softmax), replicas_trainer.matrices(), loss, many


def stepped(weights, block, sg, shared, rate=0.1):
    """One block of the reference, with the saturated row update."""
    reference = Reference(*weights, factors_of(shared), block, sg, True)
    reach = (len(block[0]) - len(block[1])) // 2
    uses_of_vectors, uses_of_softmax = reference.vector_uses, reference.softmax_uses
    if not sg:
        uses_of_vectors += reference.windows / step.USUAL_WINDOWS
        np.add.at(uses_of_softmax, block[0][reach:-reach].ravel(), 1)
    uses_of_softmax += reference.noise_uses
    if shared:
        uses_of_vectors = uses_of_softmax = uses_of_vectors + uses_of_softmax
        reference.d_vectors = reference.d_softmax = reference.d_vectors + reference.d_softmax

    most = step.LARGEST_MOVE_OF_SKIPGRAM if sg else step.LARGEST_MOVE_OF_CBOW
    saturation = max(rate, step.SATURATED_FROM_OF_SKIPGRAM if sg else step.SATURATED_FROM_OF_CBOW) / most

    def moved(w, d, n):
        return w - rate * d / (1 + n * saturation)[:, None] / np.abs(factors_of(shared))

    vectors = moved(weights[0], reference.d_vectors, uses_of_vectors)
    return vectors, vectors if shared else moved(weights[1], reference.d_softmax, uses_of_softmax), reference.loss


def stepped_through(weights, blocks, sg, shared):
    """Blocks one after the other, by the reference; return the matrices and the summed loss."""
    total = 0.0
    for block in blocks:
        *weights, loss = stepped(weights, block, sg, shared)
        total += loss
    return weights, total


MODES = list(itertools.product([False, True], [False, True]))


@pytest.mark.parametrize("sg, shared", MODES)
def test_blocks_are_trained_one_after_the_other(sg, shared):
    weights, trained, loss, blocks = train_one_round(sg, shared)
    expected, expected_loss = stepped_through(weights, blocks, sg, shared)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    np.testing.assert_allclose(trained["vectors"], expected[0], atol=1e-5)
    assert ("syn1neg" in trained) == (not shared)
    if not shared:
        np.testing.assert_allclose(trained["syn1neg"], expected[1], atol=1e-5)


@pytest.mark.parametrize("sg, shared", MODES)
@pytest.mark.parametrize("replicas", [2, 4])
def test_replicas_begin_alike_and_are_merged(sg, shared, replicas):
    weights, trained, loss, blocks = train_one_round(sg, shared, replicas, blocks=2)
    changes, losses = [np.zeros((replicas, *matrix.shape), np.float32) for matrix in weights], 0.0
    for replica in range(replicas):
        after, own_loss = stepped_through(weights, blocks[replica::replicas], sg, shared)
        for of_matrix, matrix, before in zip(changes, after, weights, strict=True):
            of_matrix[replica] = matrix - before
        losses += own_loss
    expected = [matrix.copy() for matrix in weights]
    squares = [(of_matrix**2).sum(-1) for of_matrix in changes]
    merge(expected, Updates([np.arange(VOCABULARY)] * replicas, changes, squares), Machines())
    assert loss == pytest.approx(losses, rel=1e-5)
    np.testing.assert_allclose(trained["vectors"], expected[0], atol=1e-5)
    if not shared:
        np.testing.assert_allclose(trained["syn1neg"], expected[1], atol=1e-5)


def test_a_replica_without_blocks_changes_nothing():
    weights, trained, loss, blocks = train_one_round(False, True, replicas=2, blocks=2, used=[2, 0])
    expected, expected_loss = stepped_through(weights, blocks[::2], False, True)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    np.testing.assert_allclose(trained["vectors"], expected[0], atol=1e-5)


def test_what_was_given_stays_as_it_was():
    weights = random_weights(shared=False)
    before = [matrix.copy() for matrix in weights]
    _, trained, _, _ = train_one_round(False, False, weights=weights)
    for name, matrix, was in zip(("vectors", "syn1neg"), weights, before, strict=True):
        np.testing.assert_array_equal(matrix, was)
        assert (trained[name] != was).any()


def test_words_that_nobody_met_stay_as_they_are():
    vectors = np.random.default_rng(5).normal(0, 0.5, (5000, 6)).astype(np.float32)  # the blocks' words are the first
    _, trained, _, _ = train_one_round(False, True, replicas=2, weights=(vectors, vectors))
    np.testing.assert_array_equal(trained["vectors"][VOCABULARY:], vectors[VOCABULARY:])
    assert (trained["vectors"][:VOCABULARY] != vectors[:VOCABULARY]).any(axis=1).all()


def test_rounds_with_more_words_are_trained_as_in_one_go(monkeypatch):
    """Replicas' rows are padded to a size that is compiled, and that grows with the rounds."""
    few, many = ([random_block((4, 4, 2, 1, 2), seed)] for seed in (1, 2))
    (tokens, left, right, noise), (more_tokens, *others) = few[0], many[0]
    few = [(tokens % 3, left, right, noise % 3)]
    weights = random_weights(shared=True)
    monkeypatch.setattr(replicas_module, "FEWEST_ROWS", 1)
    with Trainer(
        weights[0], None, np.ones(1), factors_of(True), False, True, 1, distance_weights=DISTANCE_WEIGHTS
    ) as one:
        sizes = []
        for blocks in (few, many):
            one.train(round_of(blocks, 1), np.full((1, 1), 0.1, np.float32))
            sizes.append(one.size)
    assert sizes[0] < sizes[1]
    expected, _ = stepped_through(weights, [few[0], (more_tokens, *others)], False, True)
    np.testing.assert_allclose(one.matrices()["vectors"], expected[0], atol=1e-5)


def test_rounds_of_another_reach_are_traced_once_each_and_by_the_callers_thread(monkeypatch):
    """Replicas that trace at once would do it each for itself."""
    weights = random_weights(shared=True)
    programs.compiled.cache_clear()  # what other tests have traced
    traced_by, of_middle = [], step.middle
    monkeypatch.setattr(
        step, "middle", lambda *arguments: traced_by.append(threading.current_thread()) or of_middle(*arguments)
    )
    with Trainer(weights[0], None, np.ones(1), factors_of(True), False, True, 4, threads=4) as trainer:
        for reach in (2, 3, 2, 3):
            blocks = [random_block((4, 4, reach, 1, 2), seed) for seed in range(4)]
            trainer._make_room(VOCABULARY)  # enough for all
            trainer.train(round_of(blocks, 4), np.full((1, 4), 0.1, np.float32))
        assert trainer.step.experimental_get_tracing_count() == 2
    assert {*traced_by} == {threading.current_thread()}


@pytest.mark.parametrize("rows", [1, 2, 9, 1000, 4096, 4097, 20_000, 123_457, 1 << 20, (1 << 20) + 1])
def test_sizes_are_few_and_hardly_larger_than_need_be(rows):
    size = padded_size(rows)
    assert rows <= size <= max(2 * rows, replicas_module.FEWEST_ROWS) and padded_size(size) == size
    if rows > replicas_module.FEW_ROWS:
        assert size <= rows * (1 + 1 / replicas_module.SIZES_PER_OCTAVE) + 1


@pytest.mark.slow
def test_several_devices_are_only_other_places_for_replicas():
    """In a process of its own: TensorFlow cannot split a CPU into two devices once it is in use."""
    path = os.pathsep.join(map(str, (Path(replicas_module.__file__).parents[2], Path(__file__).parents[1])))
    environment = {**os.environ, "PYTHONPATH": path, "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run([sys.executable, __file__], env=environment, check=True, timeout=300)


def train_on_two_devices():
    (processor,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
    used, device = [], tf.device
    replicas_module.tf.device = lambda name: used.append(name) or device(name)
    for sg, shared in MODES:
        one, two = (train_one_round(sg, shared, 4, 2, devices=devices) for devices in (["CPU:0"], ["CPU:0", "CPU:1"]))
        assert one[2] == two[2]
        for name in one[1]:
            np.testing.assert_array_equal(one[1][name], two[1][name])
    # each compiles for its devices, and trains four replicas
    assert set(used[:5]) == {"CPU:0"} and sorted(used[5:11]) == ["CPU:0"] * 3 + ["CPU:1"] * 3


@pytest.mark.skipif(not tf.config.list_physical_devices("GPU"), reason="no GPU here")
@pytest.mark.parametrize("sg, shared", MODES)
def test_a_gpu_trains_what_the_cpu_does(sg, shared):
    _, on_cpu, cpu_loss, _ = train_one_round(sg, shared, devices=["CPU:0"])
    _, on_gpu, gpu_loss, _ = train_one_round(sg, shared, devices=["GPU:0"])
    assert gpu_loss == pytest.approx(cpu_loss, rel=1e-2)  # a GPU multiplies matrices in TensorFloat-32
    np.testing.assert_allclose(on_gpu["vectors"], on_cpu["vectors"], atol=1e-2)
    _, by_default, _, _ = train_one_round(sg, shared)
    np.testing.assert_allclose(by_default["vectors"], on_gpu["vectors"], atol=1e-6)


def test_blocks_beyond_the_rounds_count_are_not_trained():
    weights, trained, _, blocks = train_one_round(sg=False, shared=True, blocks=3, used=[1])
    np.testing.assert_allclose(trained["vectors"], stepped(weights, blocks[0], False, True)[0], atol=1e-5)


def test_locked_rows_stay():
    lock = np.ones(VOCABULARY)
    lock[2] = 0.0
    (vectors, _), trained, _, _ = train_one_round(sg=True, shared=True, lock=lock)
    changed = (trained["vectors"] != vectors).any(axis=1)
    assert not changed[2] and changed[3]


if __name__ == "__main__":
    train_on_two_devices()
