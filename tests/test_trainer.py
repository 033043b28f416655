"""The compiled step against the formulas, written out one example at a time in float64."""

import functools
import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tfw2v_gensim import losses, step, trainer
from tfw2v_gensim.blocks import Round
from tfw2v_gensim.distribution import Cluster, Place, Workers
from tfw2v_gensim.losses import random_softmax

VOCABULARY, DIMENSIONS = 9, 6
COMBINATIONS = list(itertools.product([False, True], [False, True], [False, True]))  # sg, shared, cbow_mean
SHAPES = [(4, 3, 2, 1, 1), (4, 4, 1, 2, 1), (4, 4, 2, 2, 2), (6, 4, 3, 4, 3)]  # L, S, reach, A, G


def random_block(shape, seed=1):
    """A block with words that have no context, and noise words that equal true words (the vocabulary is tiny)."""
    length, streams, reach, pools, rows_per_pool = shape
    generator = np.random.default_rng(seed)
    tokens = generator.integers(0, VOCABULARY, (length + 2 * reach, streams), dtype=np.int32)
    left, right = generator.integers(0, reach + 1, (2, length, streams), dtype=np.int32)
    left[0, 0] = right[0, 0] = 0
    noise = generator.integers(0, VOCABULARY, (length // rows_per_pool, pools, 5), dtype=np.int32)
    return tokens, left, right, noise


def random_weights(shared, seed=2):
    generator = np.random.default_rng(seed)
    vectors = generator.normal(0, 0.5, (VOCABULARY, DIMENSIONS)).astype(np.float32)
    softmax = vectors if shared else generator.normal(0, 0.5, (VOCABULARY, DIMENSIONS)).astype(np.float32)
    return vectors, softmax


LOG_COUNTS = np.log(np.random.default_rng(3).uniform(0.05, 2.0, VOCABULARY)).astype(np.float32)


def factors_of(shared):
    return np.array([1, 1, 1, 1, 1, -3] if shared else [1] * 6, np.float32)


class Reference:
    """Loss, summed gradients and uses of every row, from the formulas."""

    def __init__(self, vectors, softmax, factors, block, sg, cbow_mean, loss="random_softmax"):
        self.loss, self.name = 0.0, loss
        self.vectors, self.softmax = vectors.astype(np.float64), softmax.astype(np.float64)
        self.factors = factors.astype(np.float64)
        self.d_vectors, self.d_softmax = np.zeros((2, VOCABULARY, DIMENSIONS))
        self.vector_uses, self.softmax_uses, self.noise_uses, self.windows = np.zeros((4, VOCABULARY))
        tokens, left, right, noise = block
        length, streams = left.shape
        reach = (len(tokens) - length) // 2
        for row, stream in np.ndindex(length, streams):
            centre, at = tokens[reach + row, stream], reach + row
            context = [tokens[at + k, stream] for k in range(-left[row, stream], right[row, stream] + 1) if k]
            pool = noise[row % len(noise), stream // (streams // noise.shape[1])]
            if sg:
                for target in context:
                    hidden = self.vectors[centre] * self.factors
                    self.d_vectors[centre] += self.learn(hidden, target, pool) * self.factors
                    self.vector_uses[centre] += 1
                    self.softmax_uses[target] += 1
            elif context:
                share = 1 / len(context)
                hidden = self.vectors[context].sum(0) * self.factors * (share if cbow_mean else 1)
                error = self.learn(hidden, centre, pool) * self.factors
                for word in context:
                    self.d_vectors[word] += error
                    self.windows[word] += 1

    def learn(self, hidden, target, pool):
        """Loss of one example; returns the gradient of the hidden vector."""
        if self.name in ("random_softmax", "sampled_softmax"):
            pool = [word for word in pool if word != target]
        candidates, is_true = np.array([target, *pool]), np.eye(len(pool) + 1)[0]
        logits = self.softmax[candidates] @ hidden
        if self.name in ("sampled_softmax", "nce"):
            logits -= LOG_COUNTS[candidates].astype(np.float64)
        if self.name == "nce":
            errors = 1 / (1 + np.exp(-logits)) - is_true
            self.loss -= np.log(1 - np.abs(errors)).sum()
        elif self.name == "softmax":
            probabilities = np.exp(logits[1:]) / np.exp(logits[1:]).sum()
            errors = np.array([-1.0, *probabilities])
            self.loss -= np.log(probabilities[list(pool).index(target)])
        else:
            probabilities = np.exp(logits) / np.exp(logits).sum()
            errors = probabilities - is_true
            self.loss -= np.log(probabilities[0])
        for word, error in zip(candidates, errors, strict=True):
            self.d_softmax[word] += error * hidden
        np.add.at(self.noise_uses, candidates[1:], errors[1:])
        return errors @ self.softmax[candidates]


def summed_moves(moves):
    """What moves add up to, row by row: gradients and uses."""
    gradients, uses = np.zeros((VOCABULARY, DIMENSIONS)), np.zeros(VOCABULARY)
    for ids, n, g in moves:
        np.add.at(
            gradients, ids.numpy().ravel() if tf.is_tensor(ids) else ids.ravel(), g.numpy().reshape(-1, DIMENSIONS)
        )
        np.add.at(uses, ids.numpy().ravel() if tf.is_tensor(ids) else ids.ravel(), n.numpy().ravel())
    return gradients, uses


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sg, shared, cbow_mean", COMBINATIONS)
def test_loss_and_gradients_are_those_of_the_formulas(sg, shared, cbow_mean, shape):
    block, weights, factors = random_block(shape), random_weights(shared), factors_of(shared)
    vectors, softmax = tf.constant(weights[0]), None
    softmax = vectors if shared else tf.constant(weights[1])
    tensors = [tf.constant(x) for x in block]
    if sg:
        loss, vector_moves, softmax_moves = step.skipgram_gradients(vectors, softmax, factors, tensors, random_softmax)
    else:
        loss, vector_moves, softmax_moves = step.cbow_gradients(
            vectors, softmax, factors, tensors, cbow_mean, random_softmax
        )
    expected = Reference(*weights, factors, block, sg, cbow_mean)
    assert float(loss) == pytest.approx(expected.loss, rel=1e-5)
    d_vectors, vector_uses = summed_moves(vector_moves)
    _, softmax_uses = summed_moves(softmax_moves[:1])
    np.testing.assert_allclose(d_vectors, expected.d_vectors, atol=1e-5)
    np.testing.assert_allclose(summed_moves(softmax_moves)[0], expected.d_softmax, atol=1e-5)
    if sg:
        np.testing.assert_allclose(vector_uses, expected.vector_uses)
        np.testing.assert_allclose(softmax_uses, expected.softmax_uses)


@pytest.mark.parametrize("loss", ["sampled_softmax", "nce", "softmax"])
@pytest.mark.parametrize("sg, shared", list(itertools.product([False, True], [False, True])))
def test_every_loss_trains_by_its_formula(loss, sg, shared):
    block, weights, factors = random_block((6, 4, 3, 4, 3)), random_weights(shared), factors_of(shared)
    if loss == "softmax":
        block = (*block[:3], np.arange(VOCABULARY, dtype=np.int32)[None, None])
    vectors = tf.constant(weights[0])
    matrices = vectors, vectors if shared else tf.constant(weights[1])
    gradients = step.skipgram_gradients if sg else functools.partial(step.cbow_gradients, cbow_mean=True)
    total, vector_moves, softmax_moves = gradients(
        *matrices, factors, [tf.constant(x) for x in block], loss=getattr(losses, loss),
        log_counts=None if loss == "softmax" else tf.constant(LOG_COUNTS),
    )  # fmt: skip
    expected = Reference(*weights, factors, block, sg, True, loss)
    assert float(total) == pytest.approx(expected.loss, rel=1e-5)
    np.testing.assert_allclose(summed_moves(vector_moves)[0], expected.d_vectors, atol=1e-5)
    np.testing.assert_allclose(summed_moves(softmax_moves)[0], expected.d_softmax, atol=1e-5)
    np.testing.assert_allclose(summed_moves(softmax_moves[1:])[1], expected.noise_uses, atol=1e-5)


def test_rows_move_by_their_saturated_gradient():
    weights = np.arange(12, dtype=np.float32).reshape(4, 3)
    lock = np.array([1.0, 1.0, 0.5, 0.0], np.float32)
    ids, uses = np.array([0, 0, 2, 3], np.int32), np.array([10.0, 22.0, 0.0, 0.0], np.float32)
    gradients = np.ones((4, 3), np.float32)
    moves = [tuple(map(tf.constant, (ids, uses, gradients)))]
    factors = np.array([1.0, 1.0, -3.0], np.float32)
    # row 0 is used 32 times, with a summed gradient of 2: that is divided by 1 + 32 / 10 up to a rate of 0.1
    for rate, saturation in ((0.05, 10), (0.1, 10), (0.2, 5)):
        arguments = [tf.constant(argument) for argument in (weights, lock, factors, rate)]
        moved = step.move_rows(*arguments, 1.0, moves)
        expected = weights - rate * np.array([2 / (1 + 32 / saturation), 0.0, 0.5, 0.0])[:, None] / [1, 1, 3]
        np.testing.assert_allclose(moved, expected, rtol=1e-6)


def test_no_rate_moves_a_row_further_than_its_mean_gradient_allows():
    moves = [(tf.zeros([1], tf.int32), tf.constant([50.0]), tf.constant([[50.0]]))]
    moved = step.move_rows(tf.zeros([1, 1]), tf.ones([1]), tf.ones([1]), tf.constant(1000.0), 1.6, moves)
    assert -float(moved[0, 0]) == pytest.approx(1.6, rel=1e-3)


def test_a_lock_of_one_element_holds_for_all_rows():
    weights, ids, ones = np.zeros((4, 3), np.float32), np.array([0, 3], np.int32), np.ones((2, 3), np.float32)
    for factor in (0.0, 1.0):
        moves = [(tf.constant(ids), tf.zeros(2), tf.constant(ones))]
        moved = step.move_rows(tf.constant(weights), tf.constant([factor]), tf.ones([1]), tf.constant(0.1), 1.0, moves)
        np.testing.assert_allclose(moved[:, 0], [-0.1 * factor, 0, 0, -0.1 * factor])


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
        uses_of_vectors += reference.windows / 6
        np.add.at(uses_of_softmax, block[0][reach:-reach].ravel(), 1)
    uses_of_softmax += reference.noise_uses
    if shared:
        uses_of_vectors = uses_of_softmax = uses_of_vectors + uses_of_softmax
        reference.d_vectors = reference.d_softmax = reference.d_vectors + reference.d_softmax

    def moved(w, d, n):
        return w - rate * d / (1 + n / (16 if sg else 10))[:, None] / np.abs(factors_of(shared))

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
        scale = np.minimum(np.sqrt(ratio), 1.5 * ratio)
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
