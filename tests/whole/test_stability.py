"""Every loss trains at the default rate. The shared softmax is the hard case: each row is pushed in both its roles."""

import numpy as np
import pytest

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training.objectives import OBJECTIVES


@pytest.mark.parametrize("sg", [0, 1], ids=["cbow", "sg"])
@pytest.mark.parametrize("loss", OBJECTIVES)
def test_training_at_the_default_rate_learns_and_stays_bounded(lee, loss, sg):
    model = Word2Vec(vector_size=20, sg=sg, shared_softmax=True, loss=loss)
    model.build_vocab(lee)
    untrained = model.perplexity(lee[::10])
    model.train(lee, total_examples=len(lee), epochs=10)
    assert model.perplexity(lee[::10]) < 0.8 * untrained
    assert np.abs(model.wv.vectors).max() < 20


@pytest.mark.parametrize("arguments", [dict(sample=0), dict(cbow_mean=0), dict(alpha=0.1)], ids=str)
def test_frequent_words_sums_and_high_rates_do_not_diverge(lee, arguments):
    model = Word2Vec(vector_size=20, **arguments)
    model.build_vocab(lee)
    untrained = model.perplexity(lee[::10])
    model.train(lee, total_examples=len(lee), epochs=5)
    assert model.perplexity(lee[::10]) < 0.8 * untrained
