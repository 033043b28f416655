import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfw2v_gensim.training.losses import nce, random_softmax, sampled_softmax, softmax


def reference_random_softmax(logits, true, noise):
    """The formula, one example at a time, in float64."""
    loss = np.zeros(true.shape)
    for place in np.ndindex(true.shape):
        example = logits[place[:-1]].astype(np.float64)
        others = noise[place[:-1]]
        candidates = example[[true[place], *others[others != true[place]]]]
        highest = candidates.max()
        loss[place] = np.log(np.exp(candidates - highest).sum()) + highest - candidates[0]
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


def random_examples(seed, true_words, noise_words, scale):
    """Logits of a vocabulary of 12 words for 3 times 2 hidden vectors, and ids of true and of noise words."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, scale, (3, 2, 12)).astype(np.float32)
    return logits, generator.integers(0, 12, (3, 2, true_words)), generator.integers(0, 12, (3, 2, noise_words))


def collisions_of(true, noise):
    return (true[..., None] == noise[..., None, :]).sum(-1).astype(np.float32)


def loss_of(loss, logits, true, noise):
    z_true, z_noise = (tf.gather(logits, ids, batch_dims=len(logits.shape) - 1) for ids in (true, noise))
    return loss(z_true, z_noise, tf.constant(collisions_of(true, noise)))


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 9), st.sampled_from([0.1, 1.0, 10.0]))
def test_random_softmax_is_the_formula(seed, true_words, noise_words, scale):
    examples = random_examples(seed, true_words, noise_words, scale)
    loss = loss_of(random_softmax, *examples).numpy()
    np.testing.assert_allclose(loss, reference_random_softmax(*examples), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("scale", [1.0, 10.0])
@pytest.mark.parametrize("true_words", [1, 3])
def test_gradients_of_words_are_those_of_the_formula(true_words, scale):
    logits, true, noise = random_examples(1, true_words, 17, scale)
    assert collisions_of(true, noise).max() > 1
    by_word = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(by_word)
        total = tf.reduce_sum(loss_of(random_softmax, by_word, true, noise))
    expected = numeric_gradient(lambda z: reference_random_softmax(z, true, noise).sum(), logits)
    np.testing.assert_allclose(tf.convert_to_tensor(tape.gradient(total, by_word)), expected, atol=1e-4)


def test_all_words_as_noise_make_the_full_softmax():
    logits = np.random.default_rng(1).normal(0, 2, (5, 20)).astype(np.float32)
    true = np.arange(5)
    loss = loss_of(random_softmax, logits, true[:, None], np.tile(np.arange(20), (5, 1)))
    full = tf.nn.sparse_softmax_cross_entropy_with_logits(true, logits)
    np.testing.assert_allclose(loss[:, 0], full, rtol=1e-5)


def test_an_example_whose_noise_all_collides_has_no_loss_and_finite_gradients():
    z_true, z_noise = tf.constant([[300.0]]), tf.constant([[300.0, 300.0]])
    with tf.GradientTape() as tape:
        tape.watch([z_true, z_noise])
        loss = random_softmax(z_true, z_noise, tf.constant([[2.0]]))
    assert float(loss[0, 0]) == 0.0
    assert all(np.isfinite(g).all() for g in tape.gradient(loss, [z_true, z_noise]))


@pytest.mark.parametrize("ahead", [-1e4, 1e4])
@pytest.mark.parametrize("collisions", [0.0, 1.0])
def test_loss_and_gradients_stay_finite_however_far_the_true_word_is_ahead(ahead, collisions):
    z_true, z_noise = tf.constant([[ahead]]), tf.constant([[0.0, 1.0] + [ahead] * int(collisions)])
    with tf.GradientTape() as tape:
        tape.watch([z_true, z_noise])
        loss = random_softmax(z_true, z_noise, tf.constant([[collisions]]))
    assert float(loss[0, 0]) == pytest.approx(max(0.0, -ahead + np.log(1 + np.e)), rel=1e-6)
    assert all(np.isfinite(g).all() for g in tape.gradient(loss, [z_true, z_noise]))


class Drawn:
    """Hidden vectors, softmax weights, true and drawn words, and their logits, in TensorFlow's terms and in ours."""

    def __init__(self, noise_words, vocabulary=50, examples=7, dimensions=5):
        generator = np.random.default_rng(3)
        self.vocabulary, self.noise_words = vocabulary, noise_words
        self.weights = generator.normal(0, 1, (vocabulary, dimensions)).astype(np.float32)
        self.hidden = generator.normal(0, 1, (examples, dimensions)).astype(np.float32)
        self.true = generator.integers(0, vocabulary, (examples, 1))
        # each word once: of a true word drawn several times, TensorFlow removes one only
        self.noise = generator.permutation(vocabulary)[:noise_words]
        q = generator.dirichlet(np.ones(vocabulary))
        self.counts = (noise_words * q).astype(np.float32)  # expected, among draws with replacement
        self.biases = np.log(generator.dirichlet(np.ones(vocabulary))).astype(np.float32)  # log p(w)

    def of_tensorflow(self, loss, **options):
        sampled = (self.noise, self.counts[self.true], self.counts[self.noise])
        return loss(
            self.weights, self.biases, self.true, self.hidden, self.noise_words,
            self.vocabulary, sampled_values=tuple(map(tf.constant, sampled)), **options,
        )  # fmt: skip

    def of_ours(self, loss):
        """What a step computes: logits without biases, less the corrections, which hold the biases."""
        corrections = (np.log(self.counts) - self.biases).astype(np.float32)
        arrays = (
            (self.hidden * self.weights[self.true[:, 0]]).sum(1, keepdims=True) - corrections[self.true],
            self.hidden @ self.weights[self.noise].T - corrections[self.noise],
            collisions_of(self.true, self.noise),
        )
        return loss(*map(tf.constant, arrays))[:, 0]


@pytest.mark.parametrize("noise_words", [1, 6, 40])
def test_sampled_softmax_is_that_of_tensorflow(noise_words):
    drawn = Drawn(noise_words)
    assert (drawn.true == drawn.noise).any() == (noise_words > 1)  # with and without accidental hits
    np.testing.assert_allclose(
        drawn.of_ours(sampled_softmax),
        drawn.of_tensorflow(tf.nn.sampled_softmax_loss, remove_accidental_hits=True),
        rtol=1e-5, atol=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize("noise_words", [1, 6, 40])
def test_nce_is_that_of_tensorflow(noise_words):
    drawn = Drawn(noise_words)
    np.testing.assert_allclose(drawn.of_ours(nce), drawn.of_tensorflow(tf.nn.nce_loss), rtol=1e-5)


def test_softmax_is_that_of_tensorflow():
    logits = np.random.default_rng(1).normal(0, 20, (4, 3, 30)).astype(np.float32)
    true = np.random.default_rng(2).integers(0, 30, (4, 3, 2))
    loss = softmax(tf.constant(np.take_along_axis(logits, true, -1)), tf.constant(logits), None)
    for j in range(2):
        expected = tf.nn.sparse_softmax_cross_entropy_with_logits(true[..., j], logits)
        np.testing.assert_allclose(loss[..., j], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("loss", [sampled_softmax, nce])
def test_many_true_words_of_one_hidden_vector_are_each_an_example(loss):
    logits, true, noise = random_examples(1, 3, 7, 1.0)
    together = loss_of(loss, logits, true, noise)
    for j in range(3):
        one = true[..., j : j + 1]
        alone = loss_of(loss, logits, one, noise)
        np.testing.assert_allclose(together[..., j : j + 1], alone, rtol=1e-5)
