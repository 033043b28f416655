"""Any arguments in their usual ranges train any corpus to finite vectors that know more of it than untrained ones."""

import math

import numpy as np
import pytest
from gensim.test.utils import common_texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training.objectives import OBJECTIVES
from tfw2v_gensim.training.plan import plan_of

COMMUNITIES, MEMBERS = 6, 10


def walks(count=300, length=20, seed=1):
    """Walks over a graph of communities; one step in ten leads out of its community."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        community, walk = generator.integers(COMMUNITIES), []
        for leaves in generator.random(length) < 0.1:
            if leaves:
                community = generator.integers(COMMUNITIES)
            walk.append(f"{community}.{generator.integers(MEMBERS)}")
        yield walk


@pytest.fixture(scope="module")
def corpora(lee):
    rings = [[f"{ring}.{step % 3}" for step in range(20)] for ring in range(200)]  # a graph of two edges a node
    return {"news": lee[:60], "titles": common_texts * 40, "walks": list(walks()), "rings": rings}


def loss_of_guessing(model):
    """Loss of an example where nothing is known: every candidate is as likely as the others."""
    noise = plan_of(model._settings()).shape.noise
    if OBJECTIVES[model.loss].learns_noise_ratio:
        return math.log(1 + noise)
    return math.inf  # these begin as the unigram distribution, whose loss is the text's own


ARGUMENTS = {
    "alpha": st.floats(0.0025, 0.25),
    "sample": st.sampled_from([0, 1e-5, 1e-4, 1e-3, 1e-2]),
    "negative": st.sampled_from([1, 2, 5, 20]),
    "window": st.sampled_from([1, 2, 5, 20]),
    "vector_size": st.sampled_from([2, 20, 300]),
    "ns_exponent": st.floats(-0.5, 1),
    "epochs": st.sampled_from([1, 2, 5, 50]),
    "sg": st.integers(0, 1),
    "cbow_mean": st.integers(0, 1),
    "shared_softmax": st.booleans(),
    "loss": st.sampled_from(list(OBJECTIVES)),
    "prior": st.sampled_from([2.5, 0, 20]),
}


@settings(max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))
@given(corpus=st.sampled_from(["news", "titles", "walks", "rings"]), arguments=st.fixed_dictionaries(ARGUMENTS))
def test_any_arguments_train_to_finite_vectors_that_know_more_than_guessing(corpora, corpus, arguments):
    model = Word2Vec(corpora[corpus], min_count=2, **arguments)
    assert np.isfinite(model.wv.vectors).all() and np.isfinite(model.syn1neg).all()
    assert np.isfinite([row["loss"] for row in model.history]).all()
    losses = [row["loss"] for row in model.history if row["loss"]]  # with sample=1e-5, an epoch may have no window left
    if losses:
        assert losses[-1] <= 1.02 * min(loss_of_guessing(model), losses[0] * 1.05)
