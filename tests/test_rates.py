"""The learning rate that an alpha stands for."""

import itertools

import pytest

from tfw2v_gensim.objectives import OBJECTIVES
from tfw2v_gensim.rates import rate_per_alpha


@pytest.mark.parametrize("loss", OBJECTIVES)
@pytest.mark.parametrize("shared_softmax, sg", [*itertools.product([True, False], [0, 1])])
def test_a_larger_corpus_has_no_lower_rate_and_none_is_beyond_the_losss_highest(loss, shared_softmax, sg):
    objective = OBJECTIVES[loss]
    rates = [rate_per_alpha(words, 0.025, 5, objective, shared_softmax, sg) for words in (1, 1e3, 1e5, 1e7, 1e9)]
    assert rates == sorted(rates) and rates[0] > 0
    highest = objective.highest_rate_of_shared_cbow if shared_softmax and not sg else objective.highest_rate
    assert rates[-1] <= highest


@pytest.mark.parametrize("shared_softmax", [True, False])
def test_more_epochs_have_no_higher_rate(shared_softmax):
    rates = [
        rate_per_alpha(1e5, 0.025, epochs, OBJECTIVES["random_softmax"], shared_softmax, 0) for epochs in (1, 5, 20)
    ]
    assert rates == sorted(rates, reverse=True)
