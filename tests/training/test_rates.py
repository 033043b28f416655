"""The learning rate that an alpha stands for, and the prior."""

import numpy as np
import pytest

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training.rates import (
    HIGHEST_ALPHA,
    LARGEST_PULL,
    USUAL_NEIGHBOURS,
    USUAL_RATE,
    USUAL_RATE_OF_SKIPGRAM,
    pull,
    rate_per_alpha,
)


def test_gensims_default_alpha_stands_for_the_usual_rate_below_the_highest():
    assert 0.025 * rate_per_alpha(sg=0) == pytest.approx(USUAL_RATE)
    assert 0.025 * rate_per_alpha(sg=1) == pytest.approx(USUAL_RATE_OF_SKIPGRAM)
    assert USUAL_RATE < HIGHEST_ALPHA * rate_per_alpha(sg=0) <= 0.2


def test_within_a_corpus_an_epoch_pulls_by_the_root_of_a_words_different_neighbours():
    neighbours = np.array([100.0, 400.0, 1e6])
    strengths = neighbours * pull(2.5, neighbours, np.array([5.0, 1.0, 2.0]))
    np.testing.assert_allclose(strengths / strengths[0], [1.0, 2.0, 100.0], rtol=1e-6)


def test_from_corpus_to_corpus_each_use_pulls_by_the_neighbours_of_the_mean_word():
    neighbours, trained = np.array([400.0, 800.0, 1e6]), np.array([50.0, 10.0, 20.0])
    of_usual, of_twice = (pull(2.5, factor * neighbours, trained) for factor in (1, 2))
    np.testing.assert_allclose(of_twice, of_usual / 2, rtol=1e-6)
    for few in (USUAL_NEIGHBOURS, 20.0):
        np.testing.assert_allclose(pull(2.5, np.full(3, few), trained), 2.5 / np.sqrt(few), rtol=1e-6)


def test_words_that_are_not_trained_do_not_count_for_the_mean_word():
    neighbours = np.array([1000.0, 4000.0])
    np.testing.assert_array_equal(
        pull(2.5, np.array([1000.0, 4000.0, 1e6]), np.array([7.0, 2.0, 0.0]))[:2],
        pull(2.5, neighbours, np.array([7.0, 2.0])),
    )


def test_words_without_neighbours_are_pulled_as_with_one_none_beyond_the_strongest_or_without_a_prior():
    np.testing.assert_array_equal(
        pull(2.5, np.array([0.0, 1.0, 3.0]), np.ones(3)), np.full(3, LARGEST_PULL, np.float32)
    )
    np.testing.assert_array_equal(pull(0.5, np.array([0.0, 0.3, 1.0]), np.ones(3)), np.full(3, 0.5, np.float32))
    assert pull(0.0, np.array([1.0]), np.ones(1)) is None
    assert pull(1.5, np.arange(3), np.zeros(3)).dtype == np.float32


@pytest.mark.slow
@pytest.mark.parametrize("architecture", [{"sg": 0}, {"sg": 1}, {"shared_softmax": False}], ids=str)
def test_walks_over_a_sparse_graph_train_with_a_prior_of_any_strength(architecture):
    rings = [[f"{ring}.{step % 3}" for step in range(40)] for ring in range(150)]
    model = Word2Vec(rings, min_count=1, vector_size=30, window=10, prior=20, alpha=0.04, **architecture)
    assert model.history[-1]["loss"] < 0.75 * model.history[0]["loss"]
