"""Frequent words keep a smaller share of their occurrences, and a smaller one yet where they are trained."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfw2v_gensim.training.subsampling import LOWEST_THRESHOLD, kept_shares, thinned

some_counts = st.lists(st.integers(1, 10**6), min_size=1, max_size=30).map(np.sort)


def thresholds(shares):
    """The uint32 thresholds of such shares, as gensim has them."""
    return (np.asarray(shares) * (2**32 - 1)).astype(np.uint32)


@given(some_counts, st.sampled_from([0, 1e-5, 1e-3, 0.5, 1, 100]))
def test_the_more_frequent_a_word_is_the_smaller_is_the_share_kept(counts, sample):
    shares = kept_shares(counts, sample)
    assert (np.diff(shares) <= 0).all() and (shares > 0).all() and (shares <= 1).all()


@given(some_counts, st.sampled_from([1e-5, 1e-3, 0.5]), st.sampled_from([3.0, 10.0]))
def test_training_keeps_no_more_than_sample_does_and_of_frequent_words_no_larger_share(counts, sample, from_means):
    kept = thresholds(kept_shares(counts, sample))
    trained = thinned(kept, counts, from_means)
    assert trained.dtype == np.uint32 and (trained <= kept).all()
    assert (np.diff(trained.astype(np.int64)) <= 0).all()


@pytest.mark.parametrize("from_means", [3.0, 10.0])
def test_a_word_that_is_more_frequent_is_still_trained_more_often(from_means):
    counts = np.array([100, 1_000, 10_000, 100_000] + [10] * 10_000)
    trained = counts * (thinned(thresholds(np.full(len(counts), 0.999)), counts, from_means) / 2**32)
    assert trained[0] < trained[1] < trained[2] < trained[3]
    assert trained[3] < 50 * trained[0]  # 1,000 times as frequent: by about the root of that


@pytest.mark.parametrize("from_means", [3.0, 10.0])
@pytest.mark.parametrize("words", [5, 10, 1000])
def test_a_small_vocabulary_keeps_its_words(words, from_means):
    """All are within three times the mean word's share."""
    counts = np.array([10] * (words - 1) + [20])
    kept = thresholds(np.full(words, 0.7))
    np.testing.assert_array_equal(thinned(kept, counts, from_means), kept)


@pytest.mark.parametrize("from_means", [3.0, 10.0])
def test_no_word_below_the_lowest_threshold_is_thinned_in_however_large_a_vocabulary(from_means):
    counts = np.ones(5_000_000, np.int64)
    counts[:2] = 100 * 50, int(0.99 * LOWEST_THRESHOLD * len(counts))  # shares of 1e-3 and just below 1e-5
    kept = np.full(len(counts), 2**32 - 2, np.uint32)
    trained = thinned(kept, counts, from_means)
    assert trained[0] < kept[0]
    np.testing.assert_array_equal(trained[1:], kept[1:])


@pytest.mark.parametrize("from_means", [3.0, 10.0])
def test_sample_0_keeps_all_words_in_training_too(from_means):
    counts = np.array([10**6] + [1] * 10**4)
    every = thresholds(kept_shares(counts, 0))
    np.testing.assert_array_equal(thinned(every, counts, from_means), every)
