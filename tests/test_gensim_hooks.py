"""What gensim's own code calls and is told."""

import itertools
import logging

import gensim.models
import numpy as np
import pytest
import tensorflow as tf
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.word2vec import LineSentence
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec, encoding


def test_vocabulary_is_the_one_that_gensim_counts(lee, lee_file):
    ours, theirs = Word2Vec(), Word2Vec()
    ours.build_vocab(LineSentence(lee_file))
    theirs.build_vocab(lee)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert (ours.wv.expandos["count"] == theirs.wv.expandos["count"]).all()
    assert (ours.corpus_count, ours.corpus_total_words) == (theirs.corpus_count, theirs.corpus_total_words)


def test_a_file_is_read_once_for_all_epochs(lee_file, monkeypatch):
    passes = []
    read = LineSentence.__iter__
    monkeypatch.setattr(LineSentence, "__iter__", lambda self: passes.append(1) or read(self))
    Word2Vec(LineSentence(lee_file), vector_size=20, epochs=3)
    assert len(passes) == 1
    Word2Vec(corpus_file=str(lee_file), vector_size=20, epochs=3)
    assert len(passes) == 2


def test_training_on_another_text_reads_that_one(lee_file, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("\n".join(lee_file.read_text().splitlines()[:100]) + "\n")
    model = Word2Vec(LineSentence(lee_file), vector_size=20, sample=0, min_count=1, epochs=1)
    trained, _ = model.train(LineSentence(other), total_examples=100, epochs=1)
    assert trained == len(other.read_text().split())


def test_words_that_are_new_since_are_trained(lee_file):
    model = Word2Vec(min_count=1, vector_size=20, sample=0)
    lines = LineSentence(lee_file)
    model.build_vocab(lines)
    before = model.corpus_total_words
    del model.wv.key_to_index[model.wv.index_to_key[0]]  # as if it had not been there
    first, _ = model.train(lines, total_examples=model.corpus_count, epochs=1)
    model.wv.key_to_index[model.wv.index_to_key[0]] = 0
    second, _ = model.train(lines, total_examples=model.corpus_count, epochs=1)
    assert first < second == before


def test_a_full_disk_only_costs_time(lee_file, monkeypatch):
    class Full:
        def write(self, _):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    expected = Word2Vec(LineSentence(lee_file), vector_size=20, epochs=2)
    monkeypatch.setattr(encoding.tempfile, "TemporaryFile", lambda **_: Full())
    model = Word2Vec(LineSentence(lee_file), vector_size=20, epochs=2)
    assert (model.wv.vectors == expected.wv.vectors).all()


def test_max_vocab_size_prunes_as_gensim_does(lee, lee_file):
    pruned, expected = (Word2Vec(max_vocab_size=500, min_count=1) for _ in range(2))
    pruned.build_vocab(LineSentence(lee_file))
    expected.build_vocab(lee)
    assert pruned.wv.index_to_key == expected.wv.index_to_key


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


def test_a_shared_softmax_cannot_be_given_weights_of_its_own(lee):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    with pytest.raises(AttributeError, match=r"wv\.vectors"):
        model.syn1neg = np.zeros_like(model.wv.vectors)


@pytest.mark.parametrize("mode", [{"hs": 1}, {"hs": 1, "negative": 0}])
def test_hierarchical_softmax_is_handed_to_gensim(lee, mode, caplog):
    caplog.set_level(logging.INFO, "tfw2v_gensim.gensim_hooks")
    ours, theirs = (
        kind(lee, workers=1, epochs=2, vector_size=20, **mode) for kind in (Word2Vec, gensim.models.Word2Vec)
    )
    assert (ours.wv.vectors == theirs.wv.vectors).all()
    assert sum("gensim's own trainer" in record.getMessage() for record in caplog.records) == 1


def test_counts_of_words_are_gensims(lee):
    model = Word2Vec(vector_size=20, min_count=5, sample=0)
    model.build_vocab(lee)
    trained, raw = model.train(lee, total_examples=model.corpus_count, epochs=2)
    assert raw == 2 * model.corpus_total_words
    assert trained == 2 * sum(model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key)


def test_rates_fall_linearly_from_alpha_to_min_alpha(lee):
    model = Word2Vec(lee, vector_size=20, epochs=2, alpha=0.02, min_alpha=0.004)
    assert model.min_alpha_yet_reached == pytest.approx(0.004, rel=0.1)
    assert model.alpha == 0.02


@pytest.mark.parametrize("shared_softmax", [False, True])
def test_vocabulary_grows(lee, shared_softmax):
    model = Word2Vec(lee, vector_size=20, epochs=3, shared_softmax=shared_softmax)
    known = len(model.wv)
    model.build_vocab([["zebra", "okapi", "giraffe"] * 3] * 5, update=True)
    assert len(model.wv) == len(model.syn1neg) == known + 3
    model.train([["zebra", "okapi", "giraffe"] * 3] * 5, total_examples=5, epochs=2)
    assert np.isfinite(model.wv["okapi"]).all()


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
