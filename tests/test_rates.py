"""The learning rate that an alpha stands for, and the prior."""

import itertools

import numpy as np
import pytest

from tfw2v_gensim.objectives import OBJECTIVES
from tfw2v_gensim.rates import HIGHEST_ALPHA, USUAL_ALPHA, USUAL_RATE, USUAL_RATE_OF_SKIPGRAM, pull, rate_per_alpha


@pytest.mark.parametrize("loss", OBJECTIVES)
@pytest.mark.parametrize("shared_softmax, sg", [*itertools.product([True, False], [0, 1])])
def test_no_rate_is_beyond_the_usual_one_nor_the_losss_highest(loss, shared_softmax, sg):
    objective = OBJECTIVES[loss]
    highest = objective.highest_rate_of_shared_cbow if shared_softmax and not sg else objective.highest_rate
    usual = USUAL_RATE_OF_SKIPGRAM if sg else USUAL_RATE
    assert rate_per_alpha(objective, shared_softmax, sg) == min(usual / USUAL_ALPHA, highest) > 0


def test_gensims_default_alpha_stands_for_the_usual_rate_below_the_highest():
    rate = rate_per_alpha(OBJECTIVES["random_softmax"], True, 0)
    assert 0.025 * rate == pytest.approx(USUAL_RATE)
    assert USUAL_RATE < HIGHEST_ALPHA * rate <= 0.2


def test_an_epoch_pulls_by_the_root_of_a_words_different_neighbours():
    neighbours = np.array([1.0, 4.0, 100.0, 1e6])
    np.testing.assert_allclose(neighbours * pull(2.5, neighbours), 2.5 * np.sqrt(neighbours), rtol=1e-6)


def test_words_without_neighbours_are_pulled_as_with_one_and_none_where_there_is_no_prior():
    np.testing.assert_array_equal(pull(1.5, np.array([0.0, 0.3, 1.0])), np.float32([1.5, 1.5, 1.5]))
    assert pull(0.0, np.array([1.0])) is None
    assert pull(1.5, np.arange(3)).dtype == np.float32
