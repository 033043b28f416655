import inspect
import itertools
import logging
import math
import subprocess
import sys
import threading

import gensim.models
import numpy as np
import pytest
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.word2vec import LineSentence
from gensim.test.utils import common_texts, datapath

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.distribution import Workers
from tfw2v_gensim.encoding import slabs_of
from tfw2v_gensim.progress import Announced, Standing
from tfw2v_gensim.training import Epoch
from tfw2v_gensim.weights import weights_of

MODES = [dict(sg=sg, shared_softmax=shared) for sg in (0, 1) for shared in (False, True)]


def train(sentences, **arguments):
    return Word2Vec(sentences, **{"vector_size": 24, "epochs": 3, **arguments})


def overlap(model, other, words, topn=10):
    """Share of common neighbours, the mean over words."""
    neighbours = [[{w for w, _ in m.wv.most_similar(word, topn=topn)} for word in words] for m in (model, other)]
    return np.mean([len(a & b) / topn for a, b in zip(*neighbours, strict=True)])


def test_signature_is_gensims_with_our_arguments_after_it():
    theirs, ours = (
        [(p.name, p.kind, p.default) for p in inspect.signature(kind).parameters.values()]
        for kind in (gensim.models.Word2Vec, Word2Vec)
    )
    assert ours[: len(theirs)] == theirs
    assert all(kind is inspect.Parameter.KEYWORD_ONLY for _, kind, _ in ours[len(theirs) :])


@pytest.mark.parametrize("mode", MODES)
def test_training_learns(lee, mode):
    losses = []

    class Losses(CallbackAny2Vec):
        def on_epoch_end(self, model):
            losses.append(model.get_latest_training_loss())

    model = train(lee, epochs=20, compute_loss=True, callbacks=[Losses()], **mode)
    assert np.isfinite(model.wv.vectors).all()
    assert np.isfinite(model.syn1neg).all()
    assert losses[0] < math.log(1 + (32 if model.sg else 48))  # a guess among the true word and the noise words
    assert losses[-1] < 0.9 * losses[0]
    assert model.get_latest_training_loss() == losses[-1]


@pytest.mark.parametrize("sg", [0, 1])
def test_neighbours_are_close_to_gensims(lee, sg):
    words = ["israeli", "palestinian", "government", "police", "test", "minister", "fire", "afghanistan"]
    theirs = gensim.models.Word2Vec(lee, sg=sg, epochs=60, workers=1)
    ours = Word2Vec(lee, sg=sg, epochs=20)
    untrained = Word2Vec(min_count=5)
    untrained.build_vocab(lee)
    assert overlap(ours, theirs, words) > 0.2
    assert overlap(untrained, theirs, words) < 0.1


def test_each_epoch_puts_the_trained_weights_into_the_model(lee):
    seen = []

    class Weights(CallbackAny2Vec):
        def on_epoch_end(self, model):
            seen.append((model.wv.vectors.copy(), model.syn1neg.copy(), model.wv.get_vector("police", norm=True)))

    model = train(lee, shared_softmax=False, epochs=3, callbacks=[Weights()])
    assert len(seen) == 3
    for (before, softmax_before, _), (after, softmax_after, _) in itertools.pairwise(seen):
        assert (before != after).any() and (softmax_before != softmax_after).any()
    assert (seen[-1][0] == model.wv.vectors).all()
    np.testing.assert_allclose(np.linalg.norm(seen[-1][2]), 1.0, rtol=1e-5)


def test_changes_that_a_callback_makes_are_trained_on(lee):
    class Reset(CallbackAny2Vec):
        def on_epoch_end(self, model):
            model.wv.vectors[:] = 0.0

    model = train(lee, epochs=1, callbacks=[Reset()])
    model.train(lee, total_examples=model.corpus_count, epochs=1)
    assert np.abs(model.wv.vectors).max() < 1e-6  # a shared matrix of zeros has no gradient


@pytest.mark.parametrize("mode", MODES)
def test_same_seed_same_vectors_whatever_workers_says(lee, mode):
    first, second, other = (
        train(lee, workers=workers, seed=seed, **mode) for workers, seed in ((1, 7), (4, 7), (1, 8))
    )
    assert (first.wv.vectors == second.wv.vectors).all()
    assert (first.syn1neg == second.syn1neg).all()
    assert (first.wv.vectors != other.wv.vectors).any()


def test_epochs_differ_in_their_draws(lee):
    model = train(lee, epochs=1)
    rounds = [
        next(
            Epoch(
                model._settings(), weights_of(model), lambda words: slabs_of(lee, words, model.wv.key_to_index),
                lambda share: 0.025, Announced(epoch, 2, len(lee), None), Standing(), [], Workers(),
            ).rounds
        )
        for epoch in (0, 1)
    ]  # fmt: skip
    assert (rounds[0].noise != rounds[1].noise).any()


def test_shared_softmax_is_one_matrix_also_after_saving(lee, tmp_path):
    model = train(lee)
    assert model.syn1neg is model.wv.vectors
    assert "syn1neg" not in model.__dict__
    model.save(str(tmp_path / "model"))
    loaded = Word2Vec.load(str(tmp_path / "model"))
    assert loaded.syn1neg is loaded.wv.vectors
    assert (loaded.wv.vectors == model.wv.vectors).all()
    assert loaded.shared_softmax


def test_separate_softmax_weights_are_saved(lee, tmp_path):
    model = train(lee, shared_softmax=False)
    model.save(str(tmp_path / "model"), sep_limit=0)
    loaded = Word2Vec.load(str(tmp_path / "model"))
    assert loaded.syn1neg is not loaded.wv.vectors
    assert (loaded.syn1neg == model.syn1neg).all()


@pytest.mark.parametrize(
    ("sg", "loss", "shared"),
    [
        (0, "random_softmax", True),
        (1, "random_softmax", True),
        (0, "sampled_softmax", True),
        (1, "sampled_softmax", False),
    ],
)
def test_the_softmax_is_shared_by_default_unless_it_would_diverge(sg, loss, shared):
    assert Word2Vec(sg=sg, loss=loss).shared_softmax == shared


def test_a_shared_softmax_cannot_be_given_weights_of_its_own(lee):
    model = train(lee, epochs=1)
    with pytest.raises(AttributeError, match=r"wv\.vectors"):
        model.syn1neg = np.zeros_like(model.wv.vectors)


@pytest.mark.parametrize("mode", [{"hs": 1}, {"hs": 1, "negative": 0}])
def test_hierarchical_softmax_is_handed_to_gensim(lee, mode, caplog):
    caplog.set_level(logging.INFO, "tfw2v_gensim.gensim_hooks")
    ours, theirs = (
        kind(lee, workers=1, epochs=2, vector_size=24, **mode) for kind in (Word2Vec, gensim.models.Word2Vec)
    )
    assert (ours.wv.vectors == theirs.wv.vectors).all()
    assert sum("gensim's own trainer" in record.getMessage() for record in caplog.records) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        dict(cbow_mean=0),
        dict(sg=1, shrink_windows=False),
        dict(ns_exponent=0),
        dict(ns_exponent=-0.5),
        dict(sample=0),
        dict(window=1),
        dict(window=60),
        dict(sg=1, window=25),
        dict(negative=1),
        dict(negative_sharing=1),
        dict(sg=1, negative_sharing=4),
        dict(vector_size=1),
        dict(max_final_vocab=50),
        dict(max_final_vocab=1, sg=1),
    ],
    ids=str,
)
def test_every_setting_trains(lee, arguments):
    model = train(lee, compute_loss=True, **arguments)
    assert np.isfinite(model.wv.vectors).all()
    assert 0 < model.get_latest_training_loss() < 5 or len(model.wv) == 1


def test_corpus_file_trains_as_the_same_sentences_do(lee):
    path = datapath("lee_background.cor")
    from_file = train(None, corpus_file=path)
    from_sentences = train(LineSentence(path))
    assert from_file.wv.index_to_key == from_sentences.wv.index_to_key
    assert overlap(from_file, from_sentences, ["the", "said", "Australian"]) > 0.5


def test_counts_of_words_are_gensims(lee):
    model = Word2Vec(min_count=5, sample=0)
    model.build_vocab(lee)
    trained, raw = model.train(lee, total_examples=model.corpus_count, epochs=2)
    assert raw == 2 * model.corpus_total_words
    assert trained == 2 * sum(model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key)


def test_rates_fall_linearly_from_alpha_to_min_alpha(lee):
    model = Word2Vec(lee, epochs=2, alpha=0.02, min_alpha=0.004)
    assert model.min_alpha_yet_reached == pytest.approx(0.004, rel=0.1)
    assert model.alpha == 0.02


def test_training_on_continues(lee):
    model = train(lee, epochs=5, compute_loss=True)
    before = model.get_latest_training_loss()
    model.train(lee, total_examples=model.corpus_count, epochs=5, compute_loss=True)
    assert model.get_latest_training_loss() < before


@pytest.mark.parametrize("shared_softmax", [False, True])
def test_vocabulary_grows(lee, shared_softmax):
    model = train(lee, shared_softmax=shared_softmax)
    known = len(model.wv)
    model.build_vocab([["zebra", "okapi", "giraffe"] * 3] * 5, update=True)
    assert len(model.wv) == len(model.syn1neg) == known + 3
    model.train([["zebra", "okapi", "giraffe"] * 3] * 5, total_examples=5, epochs=2)
    assert np.isfinite(model.wv["okapi"]).all()


def test_locked_vectors_stay(lee):
    model = train(lee, epochs=1)
    model.wv.vectors_lockf = np.ones(len(model.wv), np.float32)
    model.wv.vectors_lockf[model.wv.get_index("police")] = 0.0
    before = model.wv.vectors.copy()
    model.train(lee, total_examples=model.corpus_count, epochs=1)
    changed = (model.wv.vectors != before).any(axis=1)
    assert not changed[model.wv.get_index("police")]
    assert changed.sum() == len(changed) - 1


@pytest.mark.parametrize("mode", MODES)
def test_predicted_words_are_a_distribution(lee, mode):
    model = train(lee, epochs=5, **mode)
    predicted = model.predict_output_word(["prime", "minister"], topn=len(model.wv))
    assert len(predicted) == len(model.wv)
    assert sum(probability for _, probability in predicted) == pytest.approx(1.0)
    assert predicted == sorted(predicted, key=lambda pair: -pair[1])
    assert model.predict_output_word(["no such word"]) is None


def test_diverging_training_says_so_and_keeps_the_last_good_vectors(lee):
    model = train(lee, epochs=1)
    before = model.wv.vectors.copy()
    with pytest.raises(FloatingPointError, match="alpha=10000"):
        model.train(lee, total_examples=model.corpus_count, epochs=1, start_alpha=10000.0)
    assert (model.wv.vectors == before).all()


@pytest.mark.parametrize(
    "arguments, name",
    [
        (dict(vector_size=0), "vector_size"),
        (dict(vector_size=2.5), "vector_size"),
        (dict(window=0), "window"),
        (dict(window=-3), "window"),
        (dict(alpha=math.nan), "alpha"),
        (dict(alpha=-0.1), "alpha"),
        (dict(min_alpha=math.inf), "min_alpha"),
        (dict(negative=-1), "negative"),
        (dict(negative_sharing=0), "negative_sharing"),
        (dict(sample=-1e-3), "sample"),
        (dict(ns_exponent=math.nan), "ns_exponent"),
        (dict(sg=2), "sg"),
        (dict(cbow_mean="yes"), "cbow_mean"),
        (dict(shared_softmax="both"), "shared_softmax"),
        (dict(workers=0), "workers"),
    ],
    ids=str,
)
def test_nonsense_is_refused_by_name(arguments, name):
    with pytest.raises(ValueError, match=rf"^{name} must be .*got"):
        Word2Vec(common_texts, min_count=1, **arguments)


@pytest.mark.parametrize("rates", [dict(start_alpha=math.nan), dict(start_alpha=0.1, end_alpha=-1.0)])
def test_nonsense_rates_are_refused_by_train(lee, rates):
    model = train(lee, epochs=1)
    with pytest.raises(ValueError, match="alpha must be"):
        model.train(lee, total_examples=model.corpus_count, epochs=1, **rates)


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


@pytest.mark.parametrize("bad_pass", [1, 2, 3])
def test_an_exception_of_the_corpus_comes_through_and_leaves_no_thread(lee, bad_pass):
    """In the vocabulary's pass, or in the middle of one of the epochs."""

    class Corpus:
        passes = 0

        def __iter__(self):
            self.passes += 1
            yield from lee[:200]
            if self.passes == bad_pass:
                raise OSError("disk on fire")
            yield from lee[200:]

    threads = threading.enumerate()
    with pytest.raises(OSError, match="disk on fire"):
        Word2Vec(Corpus(), epochs=2)
    assert threading.enumerate() == threads


def test_importing_loading_and_querying_need_no_tensorflow(lee, tmp_path):
    train(lee).save(str(tmp_path / "model"))
    program = f"""
import sys
sys.modules["tensorflow"] = None  # any import of it now fails
import tfw2v_gensim
model = tfw2v_gensim.Word2Vec.load({str(tmp_path / "model")!r})
assert len(model.wv.most_similar("police")) == 10
assert model.predict_output_word(["prime", "minister"])
model.wv.save_word2vec_format({str(tmp_path / "vectors.txt")!r})
try:
    model.train([["police"]], total_examples=1, epochs=1)
except ImportError:
    print("training needs TensorFlow")
"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout == "training needs TensorFlow\n"
