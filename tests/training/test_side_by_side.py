"""All replicas in one program train what each on its own thread does."""

import numpy as np
import pytest

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.model.hooks import weights_of
from tfw2v_gensim.text.encoding import slabs_of
from tfw2v_gensim.training import losses, plan
from tfw2v_gensim.training.blocks import BlockBuilder
from tfw2v_gensim.training.replicas import Trainer
from tfw2v_gensim.training.side_by_side import SideBySide

# Each compiles two programs: all architectures with one loss, and each other loss with one architecture
TRAININGS = [
    *(("random_softmax", sg, shared_softmax) for sg in (0, 1) for shared_softmax in (False, True)),
    ("sampled_softmax", 1, True), ("nce", 0, True), ("softmax", 0, False),
]  # fmt: skip


def both(sentences, monkeypatch, replicas=4, **arguments):
    """Train the rounds of an epoch by replicas on threads, and side by side; return losses and matrices of both."""
    monkeypatch.setattr(plan, "REPLICAS", {replicas: 0})
    model = Word2Vec(vector_size=20, min_count=2, **arguments)
    model.build_vocab(sentences)
    model.wv.vectors_lockf = np.linspace(0.0, 1.0, len(model.wv), dtype=np.float32)
    settings, weights = model._settings(), weights_of(model)
    laid = plan.plan_of(settings)
    builder = BlockBuilder(settings.sample_int, settings.trained_int, settings.window)
    slabs = slabs_of(sentences, laid.slab_words, model.wv.key_to_index)
    rounds = list(builder.rounds(slabs, laid.shape, laid.noise, np.random.default_rng(1)))
    assert len(rounds) > 1 and (rounds[-1].blocks < laid.shape.blocks).any()  # some replicas end before the others
    loss, options = getattr(losses, settings.loss), dict(
        corrections=laid.corrections, pull=laid.pull, distance_weights=laid.distance_weights
    )  # fmt: skip
    for trainer in (
        Trainer(*weights, settings.sg, settings.cbow_mean, replicas, loss, threads=1, **options),
        SideBySide(*weights, settings.sg, settings.cbow_mean, loss, **options),
    ):
        with trainer:
            rates = [
                np.linspace(0.05, 0.1, laid.shape.blocks * replicas, dtype=np.float32).reshape(-1, replicas)
            ] * len(rounds)
            yield [trainer.train(*each) for each in zip(rounds, rates, strict=True)], trainer.matrices()


@pytest.mark.parametrize("loss, sg, shared_softmax", TRAININGS)
def test_side_by_side_is_one_after_the_other(articles, loss, sg, shared_softmax, monkeypatch):
    arguments = dict(loss=loss, sg=sg, shared_softmax=shared_softmax)
    (losses_in_turn, in_turn), (losses_beside, beside) = both(articles, monkeypatch, **arguments)
    np.testing.assert_allclose(losses_beside, losses_in_turn, rtol=1e-4)
    assert beside.keys() == in_turn.keys()
    for name, matrix in in_turn.items():
        np.testing.assert_allclose(beside[name], matrix, atol=2e-5)
    assert (in_turn["vectors"][0] == beside["vectors"][0]).all()  # locked
