"""What gensim's own code calls and is told."""

import gc
import itertools
import logging
import os
import weakref

import gensim.models
import numpy as np
import pytest
import tensorflow as tf
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.word2vec import LineSentence
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.model import hooks
from tfw2v_gensim.model.hooks import EVIDENCE
from tfw2v_gensim.text import encoding
from tfw2v_gensim.text.neighbours import neighbours_of_text
from tfw2v_gensim.training import epoch
from tfw2v_gensim.training.blocks import BlockBuilder, Round


def test_vocabulary_is_the_one_that_gensim_counts(lee, lee_file):
    ours, theirs = Word2Vec(), Word2Vec()
    ours.build_vocab(LineSentence(lee_file))
    theirs.build_vocab(lee)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert (ours.wv.expandos["count"] == theirs.wv.expandos["count"]).all()
    assert (ours.corpus_count, ours.corpus_total_words) == (theirs.corpus_count, theirs.corpus_total_words)


def test_a_file_is_read_once_for_all_epochs(lee_file, monkeypatch):
    passes = []
    opened = gensim.utils.open
    monkeypatch.setattr(gensim.utils, "open", lambda *how: passes.append(1) or opened(*how))
    Word2Vec(LineSentence(lee_file), vector_size=20, epochs=3)
    assert len(passes) == 1
    Word2Vec(corpus_file=str(lee_file), vector_size=20, epochs=3)
    assert len(passes) == 2


class Sentences:
    """What gensim's users write: a class that reads its sentences anew at every pass."""

    def __init__(self, path):
        self.path = path

    def __iter__(self):
        return iter(LineSentence(self.path))


def test_an_iterable_of_ones_own_a_list_and_a_file_train_the_same_vectors(lee_file, monkeypatch):
    given = LineSentence(lee_file), list(LineSentence(lee_file)), Sentences(lee_file)
    first, *others = (Word2Vec(sentences, vector_size=20, epochs=2, workers=1).wv.vectors for sentences in given)
    for vectors in others:
        np.testing.assert_array_equal(vectors, first)

    def refused(*arguments):
        raise AssertionError("words are looked up one by one")

    monkeypatch.setattr(hooks, "slabs_of", refused)
    Word2Vec(Sentences(lee_file), vector_size=20, epochs=2)


def test_words_of_an_earlier_text_are_known_in_a_later_one(lee_file):
    model = Word2Vec(vector_size=20, min_count=1, sample=0)
    model.build_vocab(Sentences(lee_file))
    model.build_vocab([["entirely", "newword"]], update=True)
    trained, read = model.train(Sentences(lee_file), total_examples=model.corpus_count, epochs=1)
    assert trained == read == len(lee_file.read_text().split())


def test_the_encoded_text_of_a_file_serves_the_next_training_and_is_then_given_up(lee_file, monkeypatch):
    lines, looked_up = LineSentence(lee_file), []
    monkeypatch.setattr(hooks, "slabs_of", lambda *arguments: looked_up.append(1) or encoding.slabs_of(*arguments))
    model = Word2Vec(vector_size=20, epochs=2)
    model.build_vocab(lines)
    vectors = []
    for _ in range(2):
        model.train(lines, total_examples=model.corpus_count, epochs=2)
        vectors.append(model.wv.vectors.copy())
        assert len(looked_up) == 2 * (len(vectors) - 1)
    anew = Word2Vec(Sentences(lee_file), vector_size=20, epochs=2)
    np.testing.assert_array_equal(anew.wv.vectors, vectors[0])
    anew.train(Sentences(lee_file), total_examples=anew.corpus_count, epochs=2)
    np.testing.assert_array_equal(anew.wv.vectors, vectors[1])


def test_many_models_hold_no_text_and_no_file(articles, tmp_path):
    """However they were made, and though one was refused in the middle."""
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in articles))

    class Corpus(list):
        """A list that can be watched."""

    def broken():
        yield from articles
        raise OSError("disk on fire")

    def texts():
        return [each for each in gc.get_objects() if isinstance(each, encoding.EncodedText)]

    def descriptors():
        return len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0

    models, before = [Word2Vec(articles, vector_size=8, epochs=1)], descriptors()
    for number in range(10):
        models.append(Word2Vec(corpus_file=str(path), vector_size=8, epochs=1))
        models.append(Word2Vec(list(articles), vector_size=8, epochs=1))
        models.append(Word2Vec(vector_size=8, epochs=1))
        with pytest.raises(OSError, match="disk on fire"):
            models[-1].build_vocab(broken())
        if number:
            continue
        given = Corpus(articles)
        watched = weakref.ref(given)
        models[-1].build_vocab(given)
        del given
        assert watched() is None, "a list is kept that its owner has given up"
        models[-1].train(articles, total_examples=len(articles), epochs=1)
    gc.collect()
    assert texts() == []
    assert descriptors() == before


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
            for one_round in super().rounds(*arguments):
                examples[len(calls) - 1] += counted(one_round, sg)
                yield one_round

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(epoch, "BlockBuilder", Counting)
        model = Word2Vec(lee, vector_size=20, sg=sg, epochs=3, compute_loss=True, callbacks=[Losses()])
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


def test_a_model_reset_from_another_trains_on_its_vocabulary(lee):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    other = Word2Vec(vector_size=20)
    other.reset_from(model)
    assert len(other.wv) == len(model.wv) and (other.wv.vectors != model.wv.vectors).any()
    trained, _ = other.train(lee, total_examples=model.corpus_count, epochs=1)
    assert trained > 0 and np.isfinite(other.wv.vectors).all()
    assert (other.wv.vectors == model.wv.vectors).all()  # the same seed, vocabulary and text


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


class Anew:
    """A corpus of generators: nobody can know that it is the same at every pass."""

    def __init__(self, sentences):
        self.sentences = sentences

    def __iter__(self):
        return (list(sentence) for sentence in self.sentences)


@pytest.mark.parametrize("sg", [0, 1])
def test_a_list_a_corpus_read_anew_and_a_file_give_the_same_vectors(lee, lee_file, sg):
    corpora = [dict(sentences=lee), dict(sentences=Anew(lee)), dict(corpus_file=str(lee_file))]
    models = [Word2Vec(**corpus, vector_size=20, epochs=2, sg=sg) for corpus in corpora]
    for model in models[1:]:
        assert (model.wv.vectors == models[0].wv.vectors).all()
        assert (model.wv.expandos[EVIDENCE] == models[0].wv.expandos[EVIDENCE]).all()


def test_a_list_is_encoded_once_for_its_constructor_only():
    passes = []

    class Watched(list):
        def __iter__(self):
            passes.append(1)
            return super().__iter__()

    sentences = [Watched(sentence) for sentence in common_texts]
    model = Word2Vec(sentences, vector_size=20, min_count=1, epochs=3)
    in_the_constructor = len(passes)
    assert in_the_constructor == len(sentences)
    sentences[0] = Watched(["graph"] * 7)  # the list may change from here on
    model.train(sentences, total_examples=9, epochs=1)
    assert len(passes) > in_the_constructor


def test_neighbours_are_counted_saved_and_added_to(lee, tmp_path):
    model = Word2Vec(lee, vector_size=20, epochs=1)
    counted = model.wv.expandos[EVIDENCE].copy()
    assert len(counted) == len(model.wv) and (counted >= 1).all()
    model.save(str(tmp_path / "model"))
    np.testing.assert_array_equal(Word2Vec.load(str(tmp_path / "model")).wv.expandos[EVIDENCE], counted)
    model.build_vocab([["police", "okapi", "police", "zebra"] * 5], update=True)
    grown = model.wv.expandos[EVIDENCE]
    assert len(grown) == len(model.wv) == len(counted) + 2
    added = np.zeros(len(grown))
    for word, neighbours in (("police", 2), ("okapi", 1), ("zebra", 1)):  # police stands between both
        added[model.wv.get_index(word)] = neighbours
    np.testing.assert_allclose(grown - np.append(counted, [0.0, 0.0]), added, rtol=1e-3)


def test_neighbours_that_nobody_counted_are_guessed(lee):
    model = Word2Vec(vector_size=20, min_count=1)
    model.build_vocab_from_freq({"police": 100, "fire": 50})
    assert EVIDENCE not in model.wv.expandos
    np.testing.assert_array_equal(model._settings().distinct_neighbours, neighbours_of_text(np.array([100, 50])))
    pruned = Word2Vec(lee, vector_size=20, max_vocab_size=500, epochs=1)
    assert EVIDENCE not in pruned.wv.expandos and np.isfinite(pruned.wv.vectors).all()
    theirs = Word2Vec.from_gensim(gensim.models.Word2Vec(lee, vector_size=20, epochs=1))
    theirs.train(lee, total_examples=len(lee), epochs=1)
    assert EVIDENCE not in theirs.wv.expandos and np.isfinite(theirs.wv.vectors).all()


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


@pytest.mark.parametrize("ns_exponent", [0.75, -0.5, 0, 1])
def test_the_table_of_noise_is_gensims(lee, ns_exponent):
    tables = []
    for kind in (gensim.models.Word2Vec, Word2Vec):
        model = kind(ns_exponent=ns_exponent)
        model.build_vocab(lee)
        tables.append(model.cum_table)
    np.testing.assert_array_equal(tables[1], tables[0])
    assert tables[1].dtype == tables[0].dtype
