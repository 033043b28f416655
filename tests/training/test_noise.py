import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfw2v_gensim.training.noise import NoiseTable, log_noise_probabilities


@pytest.mark.parametrize("ns_exponent", [-0.5, 0.0, 0.75, 1.0, 3.0])
def test_probabilities_are_powers_of_the_counts(ns_exponent):
    counts = np.array([900, 50, 7, 7, 1])
    powers = counts.astype(np.float64) ** ns_exponent
    np.testing.assert_allclose(np.exp(log_noise_probabilities(counts, ns_exponent)), powers / powers.sum())


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=50), st.floats(-3, 3))
def test_probabilities_sum_to_one(counts, ns_exponent):
    assert np.exp(log_noise_probabilities(np.array(counts), ns_exponent)).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("ns_exponent", [-1.0, 0.0, 0.75, 1.0])
def test_draws_follow_the_distribution(ns_exponent):
    counts = np.array([400, 100, 30, 10, 5])
    drawn = NoiseTable(counts, ns_exponent).draw(np.random.default_rng(1), (400, 500))
    observed = np.bincount(drawn.ravel(), minlength=5) / drawn.size
    np.testing.assert_allclose(observed, np.exp(log_noise_probabilities(counts, ns_exponent)), rtol=0.05)


def test_draws_repeat_with_the_seed():
    table = NoiseTable(np.arange(1, 100), 0.75)
    first, again, other = (table.draw(np.random.default_rng(seed), (50,)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_words_of_several_uses_follow_the_distribution_and_are_of_lists_of_each_replicas_own():
    counts, replicas, uses = np.array([400, 100, 30, 10, 5] * 200), 3, 4
    table, generator = NoiseTable(counts, 0.75), np.random.default_rng(1)
    rounds = [table.of_round(generator, (20, replicas, 8), uses) for _ in range(2000)]
    lists = [{*drawn[:, replica].ravel()} for drawn in rounds for replica in range(replicas)]
    assert max(map(len, lists)) <= 20 * 8 / uses
    assert lists[0] != lists[1]
    observed = np.bincount(np.ravel(rounds) % 5, minlength=5) / np.size(rounds)
    expected = 200 * np.exp(log_noise_probabilities(counts, 0.75))[:5]
    np.testing.assert_allclose(observed, expected, rtol=0.05)
