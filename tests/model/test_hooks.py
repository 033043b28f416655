"""What gensim's own code calls and is told."""

import itertools
import logging

import gensim.models
import numpy as np
import pytest
import tensorflow as tf
from gensim.models.callbacks import CallbackAny2Vec
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training import epoch
from tfw2v_gensim.training.blocks import BlockBuilder, Round
from tfw2v_gensim.training.plan import plan_of


def test_each_epoch_puts_the_trained_weights_into_the_model(lee):
    seen = []

    class Weights(CallbackAny2Vec):
        def on_epoch_end(self, model):
            seen.append((model.wv.vectors.copy(), model.syn1neg.copy(), model.wv.get_vector("police", norm=True)))

    model = Word2Vec(lee, vector_size=20, shared_softmax=False, epochs=3, callbacks=[Weights()])
    assert len(seen) == 3
    for (before, softmax_before, _), (after, softmax_after, _) in itertools.pairwise(seen):
        assert (before != after).any() and (softmax_before != softmax_after).any()
    assert (seen[-1][0] == model.wv.vectors).all()
    np.testing.assert_allclose(np.linalg.norm(seen[-1][2]), 1.0, rtol=1e-5)


def test_changes_that_a_callback_makes_are_trained_on(lee):
    class Reset(CallbackAny2Vec):
        def on_epoch_end(self, model):
            model.wv.vectors[:] = 0.0

    model = Word2Vec(lee, vector_size=20, epochs=1, callbacks=[Reset()])
    model.train(lee, total_examples=model.corpus_count, epochs=1)
    assert np.abs(model.wv.vectors).max() < 1e-6  # a shared matrix of zeros has no gradient


def test_a_shared_softmaxs_weights_follow_from_the_vectors_and_cannot_be_written_to(lee):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    np.testing.assert_array_equal(model.syn1neg, model.wv.vectors * model.coordinate_factors)
    with pytest.raises(ValueError, match="read-only"):
        model.syn1neg[0] = 0.0
    model.wv.vectors[0] = 1.0
    np.testing.assert_array_equal(model.syn1neg[0], model.coordinate_factors)


def test_softmax_weights_that_are_set_are_trained_apart(lee):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    weights = np.zeros_like(model.wv.vectors)
    model.syn1neg = weights
    assert model.syn1neg is weights and not model.shared_softmax
    assert (model.coordinate_factors == 1).all()
    model.train(lee, total_examples=model.corpus_count, epochs=1)
    assert (model.syn1neg != 0).any(axis=1).all()


@pytest.mark.parametrize("shared_softmax", [True, False])
def test_softmax_weights_are_absent_before_the_vocabulary(shared_softmax):
    model = Word2Vec(vector_size=20, min_count=1, shared_softmax=shared_softmax)
    assert not hasattr(model, "syn1neg")
    model.build_vocab(common_texts)
    assert model.syn1neg.shape == (12, 20) and model.syn1neg.dtype == np.float32


@pytest.mark.parametrize("sg", [0, 1])
def test_the_running_loss_is_summed_over_the_examples_of_a_call_of_train(lee, sg, rounds):
    """As gensim's; history has the mean of an example."""
    losses, calls = [], []

    class Losses(CallbackAny2Vec):
        def on_epoch_end(self, model):
            losses.append(model.get_latest_training_loss())

    examples = np.zeros(3)
    counted = Round.examples

    class Counting(BlockBuilder):
        def rounds(self, *arguments):
            calls.append(1)
            laid = plan_of(model._settings(), progress=(2 * len(calls) - 1) / 6)
            for one_round in super().rounds(*arguments):
                examples[len(calls) - 1] += counted(one_round, laid.distance_weights if sg else None)
                yield one_round

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(epoch, "BlockBuilder", Counting)
        model = Word2Vec(vector_size=20, sg=sg, epochs=3)
        model.build_vocab(lee)
        options = dict(total_examples=model.corpus_count, epochs=3, compute_loss=True, callbacks=[Losses()])
        model.train(lee, **options)
    means = [row["loss"] for row in model.history]
    assert losses == sorted(losses) and losses[0] > 0
    np.testing.assert_allclose(np.diff(losses, prepend=0.0), examples * means, rtol=1e-9)
    before = model.get_latest_training_loss()
    assert before == losses[-1]
    model.train(lee, total_examples=model.corpus_count, epochs=1, compute_loss=True)
    assert 0 < model.get_latest_training_loss() < before  # counted anew


def test_without_compute_loss_there_is_no_running_loss(lee):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    assert model.get_latest_training_loss() == 0 and model.history[0]["loss"] > 0


@pytest.mark.parametrize("shared_softmax", [True, False])
def test_words_that_are_in_no_sentence_are_not_moved(lee, shared_softmax):
    model = Word2Vec(lee, vector_size=20, epochs=1, shared_softmax=shared_softmax, ns_exponent=0)
    model.wv.add_vector("okapi", np.full(20, 0.5, np.float32))
    model.train(lee, total_examples=model.corpus_count, epochs=1)
    assert (model.wv["okapi"] == 0.5).all()  # neither as a word nor as noise


@pytest.mark.parametrize("shared_softmax", [True, False])
def test_a_text_of_unknown_words_moves_nothing(lee, shared_softmax):
    model = Word2Vec(lee, vector_size=20, epochs=1, shared_softmax=shared_softmax)
    before = model.wv.vectors.copy(), model.syn1neg.copy()
    assert model.train([["okapi", "zebra"] * 9] * 5, total_examples=5, epochs=2) == (0, 180)
    assert (model.wv.vectors == before[0]).all() and (model.syn1neg == before[1]).all()


@pytest.mark.parametrize("shared_softmax", [True, False])
def test_float64_vectors_are_trained_as_float32(lee, shared_softmax):
    models = [Word2Vec(lee, vector_size=20, epochs=1, shared_softmax=shared_softmax) for _ in range(2)]
    models[1].wv.vectors = models[1].wv.vectors.astype(np.float64)
    for model in models:
        model.train(lee, total_examples=model.corpus_count, epochs=1)
        assert model.wv.vectors.dtype == model.syn1neg.dtype == np.float32
    assert (models[0].wv.vectors == models[1].wv.vectors).all()


def test_without_a_seed_two_trainings_differ():
    one, other = (Word2Vec(common_texts, vector_size=20, min_count=1, seed=None, epochs=1) for _ in range(2))
    assert (one.wv.vectors != other.wv.vectors).any()


def test_a_seed_taken_away_after_the_constructor_makes_two_trainings_differ():
    models = [Word2Vec(common_texts, vector_size=20, min_count=1, sample=0, epochs=1) for _ in range(2)]
    assert (models[0].wv.vectors == models[1].wv.vectors).all()
    for model in models:
        model.seed = None
        model.train(common_texts, total_examples=9, epochs=1)
    assert (models[0].wv.vectors != models[1].wv.vectors).any()


def test_whole_numbers_may_be_floats():
    whole, floats = (
        Word2Vec(common_texts, min_count=1, vector_size=kind(20), window=kind(2), negative=kind(5), epochs=kind(2))
        for kind in (int, float)
    )
    assert (whole.wv.vectors == floats.wv.vectors).all()


@pytest.mark.parametrize("shared_softmax", [True, False])
def test_a_stronger_prior_keeps_vectors_smaller(lee, shared_softmax):
    sizes = [
        np.linalg.norm(
            Word2Vec(lee, vector_size=20, epochs=5, prior=prior, shared_softmax=shared_softmax).wv.vectors, axis=1
        ).mean()
        for prior in (0, 2.5, 10)
    ]
    assert sizes[0] > 1.05 * sizes[1] > 1.05**2 * sizes[2]


@pytest.mark.parametrize("prior", [-1, np.inf, np.nan, "strong", None])
def test_a_prior_that_is_none_is_refused(prior):
    with pytest.raises(ValueError, match="prior must be a finite number of at least 0, got "):
        Word2Vec(prior=prior)


def test_the_prior_is_saved_with_the_model(tmp_path):
    Word2Vec(common_texts, vector_size=20, min_count=1, prior=0.5).save(str(tmp_path / "model"))
    assert Word2Vec.load(str(tmp_path / "model")).prior == 0.5


@pytest.mark.parametrize("mode", [{"hs": 1}, {"hs": 1, "negative": 0}])
def test_hierarchical_softmax_is_handed_to_gensim(lee, mode, caplog):
    caplog.set_level(logging.INFO, "tfw2v_gensim.model.hooks")
    ours, theirs = (
        kind(lee, workers=1, epochs=2, vector_size=20, **mode) for kind in (Word2Vec, gensim.models.Word2Vec)
    )
    assert (ours.wv.vectors == theirs.wv.vectors).all()
    assert sum("gensim's own trainer" in record.getMessage() for record in caplog.records) == 1


def test_rates_fall_linearly_from_alpha_to_min_alpha(lee):
    model = Word2Vec(lee, vector_size=20, epochs=2, alpha=0.02, min_alpha=0.004)
    assert model.min_alpha_yet_reached == pytest.approx(0.004, rel=0.1)
    assert model.alpha == 0.02


def raised(kind, make):
    with pytest.raises(Exception) as caught:
        make(kind)
    return type(caught.value), str(caught.value)


def trained_without_vocabulary(kind):
    kind().train(common_texts, total_examples=1, epochs=1)


def trained_without_totals(kind):
    model = kind(min_count=1)
    model.build_vocab(common_texts)
    model.train(common_texts, epochs=1)


@pytest.mark.parametrize(
    "make",
    [
        lambda kind: kind(sentence for sentence in common_texts),
        lambda kind: kind([]),
        lambda kind: kind([[]]),
        lambda kind: kind(common_texts),  # no word is there 5 times
        lambda kind: kind(5),
        lambda kind: kind(corpus_file="no such file"),
        lambda kind: kind(common_texts, corpus_file="both"),
        lambda kind: kind(common_texts, min_count=1, epochs=0),
        lambda kind: kind(common_texts, min_count=1, hs=0, negative=0),
        trained_without_vocabulary,
        trained_without_totals,
    ],
)
def test_what_gensim_refuses_is_refused_in_its_words(make):
    assert raised(Word2Vec, make) == raised(gensim.models.Word2Vec, make)


def test_a_string_for_a_list_of_lists_is_warned_of_as_in_gensim(caplog):
    Word2Vec(["one string is a list of letters"] * 3, min_count=1, epochs=1)
    assert any("should be a list of words" in record.getMessage() for record in caplog.records)


def test_gensims_own_trainer_is_refused_on_several_machines(be_worker):
    be_worker(0)
    with pytest.raises(ValueError, match=r"hs=1.*TF_CONFIG names several workers"):
        Word2Vec(common_texts, min_count=1, hs=1, negative=0)


def lines(caplog, logger="tfw2v_gensim."):
    return [record.getMessage() for record in caplog.records if record.name.startswith(logger)]


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.INFO)
    return caplog


def test_training_is_an_event_that_names_the_loss_and_tensorflow(lee, logged):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    events = [event for event in model.lifecycle_events if event["event"] == "train"]
    assert len(events) == 2
    assert all((event["loss"], event["tensorflow"]) == ("random_softmax", tf.__version__) for event in events)
    logged_events = [line for line in lines(logged) if line.startswith("Word2Vec lifecycle event ")]
    assert len(logged_events) == 2
    assert all("random_softmax" in line and tf.__version__ in line for line in logged_events)


def test_gensims_own_trainer_logs_as_gensim(lee, logged):
    model = Word2Vec(lee, vector_size=20, epochs=1, hs=1, negative=0)
    assert any(line.startswith("EPOCH 0: training on") for line in lines(logged, "gensim.models.word2vec"))
    assert not any(line.startswith("EPOCH") for line in lines(logged))
    assert all("loss" not in event for event in model.lifecycle_events)
