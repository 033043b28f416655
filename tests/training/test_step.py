"""The compiled step against the formulas, written out one example at a time in float64."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf
from reference import (
    CORRECTIONS,
    DIMENSIONS,
    DISTANCE_WEIGHTS,
    VOCABULARY,
    Reference,
    factors_of,
    random_block,
    random_weights,
)  # fmt: skip

from tfw2v_gensim.training import losses, programs, step
from tfw2v_gensim.training.losses import random_softmax

COMBINATIONS = list(itertools.product([False, True], [False, True], [False, True]))  # sg, shared, cbow_mean
SHAPES = [(4, 3, 5, 1, 1), (4, 4, 1, 2, 1), (4, 4, 2, 2, 2), (6, 4, 3, 4, 3)]  # L, S, reach, A, G


def summed_moves(moves):
    """What moves add up to, row by row: gradients and uses."""
    gradients, uses = np.zeros((VOCABULARY, DIMENSIONS)), np.zeros(VOCABULARY)
    for ids, n, g in moves:
        np.add.at(
            gradients, ids.numpy().ravel() if tf.is_tensor(ids) else ids.ravel(), g.numpy().reshape(-1, DIMENSIONS)
        )
        np.add.at(uses, ids.numpy().ravel() if tf.is_tensor(ids) else ids.ravel(), n.numpy().ravel())
    return gradients, uses


def gradients_of(block, weights, factors, sg, cbow_mean=True, loss=random_softmax, corrections=None):
    """Loss and moves of a block, as the compiled step forms them: streams side by side, rows gathered before."""
    tokens, left, right, noise = block
    context_matrix, centre_matrix = weights[::-1] if sg else weights
    reach = (len(tokens) - len(left)) // 2
    rows = context_matrix[tokens.T], centre_matrix[tokens[reach:-reach].T], weights[1][noise]
    formula = step.skipgram_gradients if sg else functools.partial(step.cbow_gradients, cbow_mean=cbow_mean)
    stream_major = [tf.constant(np.ascontiguousarray(x)) for x in (tokens.T, left.T, right.T, noise)]
    weights_of_distances = tf.constant(DISTANCE_WEIGHTS[:reach])
    return formula(
        stream_major, *map(tf.constant, rows), factors, weights_of_distances, loss=loss, corrections=corrections
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sg, shared, cbow_mean", COMBINATIONS)
def test_loss_and_gradients_are_those_of_the_formulas(sg, shared, cbow_mean, shape):
    block, weights, factors = random_block(shape), random_weights(shared), factors_of(shared)
    loss, context, centre, noise = gradients_of(block, weights, factors, sg, cbow_mean)
    expected = Reference(*weights, factors, block, sg, cbow_mean)
    assert float(loss) == pytest.approx(expected.loss, rel=1e-5)
    vector_moves, softmax_moves = ([centre], [context, noise]) if sg else ([context], [centre, noise])
    np.testing.assert_allclose(summed_moves(vector_moves)[0], expected.d_vectors, atol=1e-5)
    np.testing.assert_allclose(summed_moves(softmax_moves)[0], expected.d_softmax, atol=1e-5)
    if sg:
        np.testing.assert_allclose(summed_moves([centre])[1], expected.vector_uses, rtol=1e-6)
        np.testing.assert_allclose(summed_moves([context])[1], expected.softmax_uses, rtol=1e-6)
    else:
        share = 1 / 6 if cbow_mean else 1
        np.testing.assert_allclose(summed_moves([context])[1], expected.windows * share, rtol=1e-6)
    np.testing.assert_allclose(summed_moves([noise])[1], expected.noise_uses, atol=1e-5)


@pytest.mark.parametrize("loss", ["sampled_softmax", "nce", "softmax"])
@pytest.mark.parametrize("sg, shared", list(itertools.product([False, True], [False, True])))
def test_every_loss_trains_by_its_formula(loss, sg, shared):
    block, weights, factors = random_block((6, 4, 3, 4, 3)), random_weights(shared), factors_of(shared)
    if loss == "softmax":
        block = (*block[:3], np.arange(VOCABULARY, dtype=np.int32)[None, None])
    total, context, centre, noise = gradients_of(
        block, weights, factors, sg, loss=getattr(losses, loss), corrections=tf.constant(CORRECTIONS)
    )
    expected = Reference(*weights, factors, block, sg, True, loss)
    assert float(total) == pytest.approx(expected.loss, rel=1e-5)
    vector_moves, softmax_moves = ([centre], [context, noise]) if sg else ([context], [centre, noise])
    np.testing.assert_allclose(summed_moves(vector_moves)[0], expected.d_vectors, atol=1e-5)
    np.testing.assert_allclose(summed_moves(softmax_moves)[0], expected.d_softmax, atol=1e-5)
    np.testing.assert_allclose(summed_moves([noise])[1], expected.noise_uses, atol=1e-5)


def test_rows_move_by_their_saturated_gradient():
    weights = np.arange(12, dtype=np.float32).reshape(4, 3)
    lock = np.array([1.0, 1.0, 0.5, 0.0], np.float32)
    ids, uses = np.array([0, 0, 2, 3], np.int32), np.array([10.0, 22.0, 0.0, 0.0], np.float32)
    gradients = np.ones((4, 3), np.float32)
    moves = [tuple(map(tf.constant, (ids, uses, gradients)))]
    magnitudes = np.array([1.0, 1.0, 3.0], np.float32)
    # row 0 is used 32 times, with a summed gradient of 2
    for rate, saturation in ((0.05, 0.1), (0.1, 0.1), (0.2, 0.2)):
        moved = step.move_rows(
            *(tf.constant(x, tf.float32) for x in (weights, rate * lock, np.full(4, saturation), magnitudes)), moves
        )
        expected = weights - rate * np.array([2 / (1 + 32 * saturation), 0.0, 0.5, 0.0])[:, None] / [1, 1, 3]
        np.testing.assert_allclose(moved, expected, rtol=1e-6)


def test_no_rate_moves_a_row_further_than_its_mean_gradient_allows():
    moves = [(tf.zeros([1], tf.int32), tf.constant([50.0]), tf.constant([[50.0]]))]
    moved = step.move_rows(tf.zeros([1, 1]), tf.constant([1000.0]), tf.constant([1000.0 / 1.6]), tf.ones([1]), moves)
    assert -float(moved[0, 0]) == pytest.approx(1.6, rel=1e-3)


PULL = np.random.default_rng(4).uniform(0.0, 0.5, VOCABULARY).astype(np.float32)


def trained(block, weights, sg, shared, pull=None, lock=(1.0,), rate=0.05):
    """Matrices after one block of the compiled step, and its loss."""
    matrices = [tf.constant(matrix) for matrix in weights[: 1 if shared else 2]]
    arrays = [tf.constant(x[None]) for x in block]
    pull = None if pull is None else tf.constant(pull)
    factors, lock = tf.constant(factors_of(shared)), tf.constant(np.resize(lock, VOCABULARY), tf.float32)
    reach = (arrays[0].shape[1] - arrays[1].shape[1]) // 2
    train = programs.compiled(int(sg), shared, 1, random_softmax)
    loss, after = train(
        matrices, factors, tf.constant(DISTANCE_WEIGHTS[:reach]), lock, None, pull, tf.constant([0]), tf.constant(1),
        *arrays,
        tf.constant([rate], tf.float32),
    )  # fmt: skip
    return [after[0].numpy(), after[-1].numpy()], float(loss)


def expected_after(block, weights, sg, shared, pull=None, rate=0.05):
    """The same from the formulas: summed gradients and prior, divided by the saturation of each row's uses."""
    reference = Reference(*weights, factors_of(shared), block, sg, True)
    tokens, left, right, _ = block
    reach = (len(tokens) - len(left)) // 2
    centres = tokens[reach:-reach]
    gradients = [reference.d_vectors, reference.d_softmax]
    uses = [reference.vector_uses, reference.softmax_uses + reference.noise_uses]
    if not sg:
        uses[0] += reference.windows / 6
        np.add.at(uses[1], centres.ravel(), 1)
    if shared:
        gradients, uses = [sum(gradients)] * 2, [sum(uses)] * 2
    if pull is not None:
        times = np.bincount(centres[left + right > 0], minlength=VOCABULARY)
        size = np.abs(factors_of(shared)).astype(np.float64)
        gradients = [d + (times * pull)[:, None] * size * w for d, w in zip(gradients, weights, strict=True)]
    factors = [rate / (1 + n / (32 if sg else 10))[:, None] / np.abs(factors_of(shared)) for n in uses]
    return [w - f * d for w, f, d in zip(weights, factors, gradients, strict=True)], reference.loss


@pytest.mark.parametrize(
    "pull, shape",
    [(None, SHAPES[2]), (PULL, SHAPES[0]), (PULL, SHAPES[3])],
    ids=["without prior", "with prior", "with prior, pools"],
)
@pytest.mark.parametrize("sg, shared", list(itertools.product([False, True], [False, True])))
def test_a_block_moves_the_rows_by_formula_and_prior(sg, shared, pull, shape):
    block, weights = random_block(shape), random_weights(shared)
    after, loss = trained(block, weights, sg, shared, pull)
    expected, expected_loss = expected_after(block, weights, sg, shared, pull)
    assert loss == pytest.approx(expected_loss, rel=1e-5)  # the prior is no part of it
    np.testing.assert_allclose(after[0], expected[0], atol=1e-5)
    np.testing.assert_allclose(after[1], expected[1], atol=1e-5)


@pytest.mark.parametrize("sg", [False, True])
def test_the_lock_holds_word_vectors_and_not_softmax_weights(sg):
    block, weights = random_block((4, 4, 2, 1, 2)), random_weights(shared=False)
    after, _ = trained(block, weights, sg, False, PULL, lock=np.zeros(VOCABULARY))
    expected, _ = expected_after(block, weights, sg, False, PULL)
    np.testing.assert_array_equal(after[0], weights[0])
    np.testing.assert_allclose(after[1], expected[1], atol=1e-5)
