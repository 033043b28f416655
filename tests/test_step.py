"""The compiled step against the formulas."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf
from reference import DIMENSIONS, LOG_COUNTS, VOCABULARY, Reference, factors_of, random_block, random_weights

from tfw2v_gensim import losses, step
from tfw2v_gensim.losses import random_softmax

COMBINATIONS = list(itertools.product([False, True], [False, True], [False, True]))  # sg, shared, cbow_mean


SHAPES = [(4, 3, 2, 1, 1), (4, 4, 1, 2, 1), (4, 4, 2, 2, 2), (6, 4, 3, 4, 3)]  # L, S, reach, A, G


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
