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


# What the compiled step depends on, so that it is compiled once for each; and where 50 epochs take no long time
COMPILED = [
    dict(corpus="news", vector_size=300, window=5, negative=5, sample=1e-3, sg=0),
    dict(corpus="news", vector_size=20, window=20, negative=20, sample=1e-2, sg=1),
    dict(corpus="news", vector_size=20, window=1, negative=1, sample=1e-4, sg=0, loss="nce", shared_softmax=False),
    dict(corpus="titles", vector_size=20, window=2, negative=1, sample=0, sg=0, loss="nce", epochs=50),
    dict(corpus="titles", vector_size=2, window=5, negative=5, sample=1e-2, sg=1, shared_softmax=False),
    dict(
        corpus="titles", vector_size=300, window=20, negative=2, sample=1e-3, sg=1, loss="softmax", shared_softmax=False
    ),
    dict(corpus="walks", vector_size=20, window=5, negative=20, sample=1e-3, sg=0, loss="sampled_softmax", cbow_mean=0),
    dict(corpus="walks", vector_size=300, window=1, negative=2, sample=1e-5, sg=1, loss="nce"),
    dict(corpus="walks", vector_size=20, window=20, negative=5, sample=0, sg=0, shared_softmax=False, prior=0),
    dict(corpus="rings", vector_size=2, window=20, negative=2, sample=0, sg=0, loss="softmax", prior=0, epochs=50),
    dict(corpus="rings", vector_size=20, window=1, negative=5, sample=1e-2, sg=1, epochs=50),
    dict(
        corpus="rings", vector_size=20, window=5, negative=20, sample=1e-4, sg=1, loss="sampled_softmax",
        shared_softmax=False,
    ),
]  # fmt: skip

OTHERS = {
    "alpha": st.floats(0.0025, 0.25),
    "ns_exponent": st.floats(-0.5, 1),
    "epochs": st.sampled_from([1, 2, 5]),
    "prior": st.sampled_from([2.5, 20]),
}


@pytest.mark.parametrize("compiled", COMPILED, ids=lambda compiled: "-".join(map(str, compiled.values())))
@settings(max_examples=3, derandomize=True, suppress_health_check=list(HealthCheck))
@given(others=st.fixed_dictionaries(OTHERS))
def test_any_arguments_train_to_finite_vectors_that_know_more_than_guessing(corpora, compiled, others):
    arguments = {"shared_softmax": True} | others | compiled
    model = Word2Vec(corpora[arguments.pop("corpus")], min_count=2, **arguments)
    assert np.isfinite(model.wv.vectors).all() and np.isfinite(model.syn1neg).all()
    assert np.isfinite([row["loss"] for row in model.history]).all()
    losses = [row["loss"] for row in model.history if row["loss"]]  # with sample=1e-5, an epoch may have no window left
    if losses:
        assert losses[-1] <= 1.02 * min(loss_of_guessing(model), losses[0] * 1.05)


def test_every_loss_and_corpus_is_among_them(corpora):
    assert {compiled.get("loss", "random_softmax") for compiled in COMPILED} == set(OBJECTIVES)
    assert {compiled["corpus"] for compiled in COMPILED} == set(corpora)
