"""Replicas, and devices, and what is merged of them."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from reference import VOCABULARY, Reference, factors_of, random_block, random_weights

from tfw2v_gensim import step, trainer
from tfw2v_gensim.blocks import Round
from tfw2v_gensim.distribution import OVERSHOOT, Cluster, Place, Workers


def train_one_round(sg, shared, replicas=1, blocks=3, used=None, lock=(1.0,), workers=None):
    """Train a round of random blocks; return initial weights, trained weights, and the round."""
    shape = (4, 4, 2, 1, 2)
    many = [random_block(shape, seed) for seed in range(blocks * replicas)]
    tokens, left, right, noise = (np.stack(x).reshape(blocks, replicas, *x[0].shape) for x in zip(*many, strict=True))
    used = np.full(replicas, blocks, np.int32) if used is None else np.array(used, np.int32)
    one_round = Round(tokens, left, right, noise, used, None, None, 0, 0, 0)
    vectors, softmax = random_weights(shared)
    with trainer.Trainer(
        vectors, None if shared else softmax, np.array(lock, np.float32), factors_of(shared), sg, True, replicas,
        workers=workers,
    ) as replicas_trainer:  # fmt: skip
        loss = replicas_trainer.train(one_round, np.full((blocks, replicas), 0.1, np.float32))
        if workers:
            lying = {variable.device.split("device:")[-1] for own in replicas_trainer.variables for variable in own}
            assert lying == {device.split("device:")[-1] for device in workers.devices}
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
    saturation = max(rate, step.USUAL_RATE) / most

    def moved(w, d, n):
        return w - rate * d / (1 + n * saturation)[:, None] / np.abs(factors_of(shared))

    vectors = moved(weights[0], reference.d_vectors, uses_of_vectors)
    return vectors, vectors if shared else moved(weights[1], reference.d_softmax, uses_of_softmax), reference.loss


def centred(vectors):
    """Take the mean out of the mirrored coordinate, as the end of a round does."""
    return vectors - np.where(factors_of(True) < 0, vectors.mean(axis=0), 0)


@pytest.mark.parametrize("sg, shared", list(itertools.product([False, True], [False, True])))
def test_blocks_are_trained_one_after_the_other(sg, shared):
    weights, trained, loss, blocks = train_one_round(sg, shared)
    expected_loss = 0.0
    for block in blocks:
        *weights, block_loss = stepped(weights, block, sg, shared)
        expected_loss += block_loss
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    np.testing.assert_allclose(trained["vectors"], centred(weights[0]) if shared else weights[0], atol=1e-5)
    assert ("syn1neg" in trained) == (not shared)
    if not shared:
        np.testing.assert_allclose(trained["syn1neg"], weights[1], atol=1e-5)


def test_replicas_are_averaged():
    weights, trained, _, blocks = train_one_round(sg=False, shared=True, replicas=2, blocks=2)
    ends = []
    for replica in range(2):
        own = weights
        for block in blocks[replica::2]:
            *own, _ = stepped(own, block, False, True)
        ends.append(own[0])
    np.testing.assert_allclose(trained["vectors"], centred(np.mean(ends, axis=0)), atol=1e-5)


def test_devices_are_merged_by_how_far_their_changes_agree():
    """In a process of its own: TensorFlow cannot split a CPU into two devices once it is in use."""
    environment = {**os.environ, "PYTHONPATH": str(Path(trainer.__file__).parents[1]), "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run([sys.executable, __file__], env=environment, check=True, timeout=300)


def train_on_two_devices():
    (processor,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
    workers = Cluster(Place(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]))
    assert workers.totals(1, 0.5) == [1, 0.5]
    for replicas in (2, 4):
        weights, trained, _, blocks = train_one_round(
            sg=False, shared=True, replicas=replicas, blocks=2, workers=workers
        )
        ends = []
        for replica in range(replicas):
            own = weights
            for block in blocks[replica::replicas]:
                *own, _ = stepped(own, block, False, True)
            ends.append(own[0])
        first, second = (np.mean(ends[device::2], axis=0) - weights[0] for device in range(2))
        squares, summed = ((first**2 + second**2).sum(1), ((first + second) ** 2).sum(1))
        ratio = np.divide(squares, np.maximum(squares, summed), where=summed > 0, out=np.zeros_like(squares))
        scale = np.minimum(np.sqrt(ratio), OVERSHOOT * ratio)
        expected = weights[0] + scale[:, None] * (first + second)
        np.testing.assert_allclose(trained["vectors"], centred(expected), atol=1e-5)


@pytest.mark.skipif(not tf.config.list_physical_devices("GPU"), reason="no GPU here")
@pytest.mark.parametrize("sg, shared", list(itertools.product([False, True], [False, True])))
def test_a_gpu_trains_what_the_cpu_does(sg, shared):
    here, there = Workers(), Workers()
    here.devices, there.devices = ["CPU:0"], ["GPU:0"]
    _, on_cpu, cpu_loss, _ = train_one_round(sg, shared, workers=here)
    _, on_gpu, gpu_loss, _ = train_one_round(sg, shared, workers=there)
    assert gpu_loss == pytest.approx(cpu_loss, rel=1e-2)  # a GPU multiplies matrices in TensorFloat-32
    np.testing.assert_allclose(on_gpu["vectors"], on_cpu["vectors"], atol=1e-2)
    _, by_default, _, _ = train_one_round(sg, shared)
    np.testing.assert_allclose(by_default["vectors"], on_gpu["vectors"], atol=1e-6)


def test_blocks_beyond_the_rounds_count_are_not_trained():
    weights, trained, _, blocks = train_one_round(sg=False, shared=True, blocks=3, used=[1])
    np.testing.assert_allclose(trained["vectors"], centred(stepped(weights, blocks[0], False, True)[0]), atol=1e-5)


def test_locked_rows_stay():
    lock = np.ones(VOCABULARY)
    lock[2] = 0.0
    (vectors, _), trained, _, _ = train_one_round(sg=True, shared=True, lock=lock)
    changed = (trained["vectors"] != vectors).any(axis=1)
    assert not changed[2] and changed[3]


if __name__ == "__main__":
    train_on_two_devices()
