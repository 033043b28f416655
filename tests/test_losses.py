import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfw2v_gensim.losses import random_softmax


def reference_random_softmax(true_logits, noise_logits, collides):
    """The formula, one example at a time, in float64."""
    loss = np.zeros(true_logits.shape)
    for place in np.ndindex(true_logits.shape):
        candidates = noise_logits[place[:-1]][~collides[place]].astype(np.float64)
        true = np.float64(true_logits[place])
        highest = max(true, candidates.max(initial=-np.inf))
        loss[place] = -(true - highest - np.log(np.exp(true - highest) + np.exp(candidates - highest).sum()))
    return loss


def numeric_gradient(function, x, step=1e-5):
    x = x.astype(np.float64)
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        gradient[place] = (function(up) - function(down)) / (2 * step)
    return gradient


def random_logits(seed, true_words, noise_words, scale):
    generator = np.random.default_rng(seed)
    true = generator.normal(0, scale, (3, 2, true_words)).astype(np.float32)
    noise = generator.normal(0, scale, (3, 2, noise_words)).astype(np.float32)
    return true, noise, generator.random((3, 2, true_words, noise_words)) < 0.2


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 9), st.sampled_from([0.1, 1.0, 10.0]))
def test_random_softmax_is_the_formula(seed, true_words, noise_words, scale):
    logits = random_logits(seed, true_words, noise_words, scale)
    loss = random_softmax(*map(tf.constant, logits)).numpy()
    np.testing.assert_allclose(loss, reference_random_softmax(*logits), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("true_words", [1, 3])
def test_gradients_are_those_of_the_formula(true_words):
    true, noise, collides = random_logits(1, true_words, 7, 1.0)
    z_true, z_noise = tf.constant(true), tf.constant(noise)
    with tf.GradientTape() as tape:
        tape.watch([z_true, z_noise])
        total = tf.reduce_sum(random_softmax(z_true, z_noise, tf.constant(collides)))
    d_true, d_noise = tape.gradient(total, [z_true, z_noise])
    np.testing.assert_allclose(
        d_true, numeric_gradient(lambda z: reference_random_softmax(z, noise, collides).sum(), true), atol=1e-4
    )
    np.testing.assert_allclose(
        d_noise, numeric_gradient(lambda z: reference_random_softmax(true, z, collides).sum(), noise), atol=1e-4
    )


def test_all_words_as_noise_make_the_full_softmax():
    logits = np.random.default_rng(1).normal(0, 2, (5, 20)).astype(np.float32)
    true = np.arange(5)
    collides = true[:, None, None] == np.arange(20)
    loss = random_softmax(tf.constant(logits[np.arange(5), true][:, None]), tf.constant(logits), tf.constant(collides))
    full = tf.nn.sparse_softmax_cross_entropy_with_logits(true, logits)
    np.testing.assert_allclose(loss[:, 0], full, rtol=1e-5)


def test_an_example_whose_noise_all_collides_has_no_loss_and_finite_gradients():
    z_true, z_noise = tf.constant([[0.3]]), tf.constant([[300.0, 300.0]])
    with tf.GradientTape() as tape:
        tape.watch([z_true, z_noise])
        loss = random_softmax(z_true, z_noise, tf.constant([[[True, True]]]))
    assert float(loss[0, 0]) == 0.0
    assert all(np.isfinite(g).all() for g in tape.gradient(loss, [z_true, z_noise]))


@pytest.mark.parametrize("ahead", [-1e4, 1e4])
def test_loss_and_gradients_stay_finite_however_far_the_true_word_is_ahead(ahead):
    z_true, z_noise = tf.constant([[ahead]]), tf.constant([[0.0, 1.0]])
    with tf.GradientTape() as tape:
        tape.watch([z_true, z_noise])
        loss = random_softmax(z_true, z_noise, tf.zeros([1, 1, 2], tf.bool))
    assert float(loss[0, 0]) == pytest.approx(max(0.0, -ahead + np.log(1 + np.e)), rel=1e-6)
    assert all(np.isfinite(g).all() for g in tape.gradient(loss, [z_true, z_noise]))
