"""What each argument may be."""

import inspect
import math

import gensim.models
import numpy as np
import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec

SMALL = {"sentences": common_texts, "min_count": 1, "vector_size": 8, "epochs": 1, "workers": 1}

INVALID = {
    "None": None, "text": "word", "number as text": "5", "bytes": b"5", "nan": math.nan, "infinite": math.inf,
    "negative": -1, "zero": 0, "fraction": 2.5, "complex": 1j, "list": [1], "dict": {}, "array": np.ones(2),
    "object": object(),
}  # fmt: skip


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
        (dict(sg=0.5), "sg"),
        (dict(cbow_mean="yes"), "cbow_mean"),
        (dict(shared_softmax="both"), "shared_softmax"),
        (dict(workers=2.5), "workers"),
    ],
    ids=str,
)
def test_nonsense_is_refused_by_name(arguments, name):
    with pytest.raises(ValueError, match=rf"^{name} must be .*got"):
        Word2Vec(common_texts, min_count=1, **arguments)


def test_an_unknown_loss_is_an_error_that_lists_the_known():
    with pytest.raises(ValueError, match=r"loss must be one of 'random_softmax', .*'nce', 'softmax', got 'hinge'"):
        Word2Vec(loss="hinge")


def test_a_progress_that_is_no_choice_is_refused():
    with pytest.raises(ValueError, match=r"progress must be True, False or None, got 'loud'"):
        Word2Vec(progress="loud")


@pytest.mark.parametrize("mode", [{"hs": 1}, {"negative": 0}])
def test_gensims_own_trainer_takes_no_checkpoints(tmp_path, mode):
    with pytest.raises(ValueError, match="checkpoint must be None"):
        Word2Vec(common_texts, min_count=1, checkpoint=tmp_path, **mode)
    model = Word2Vec(common_texts, vector_size=20, min_count=1, hs=1)
    model.checkpoint = tmp_path
    with pytest.raises(ValueError, match="checkpoint must be None"):
        model.train(common_texts, total_examples=model.corpus_count, epochs=1)


@pytest.mark.parametrize("checkpoint", [5, "", b"folder", ["folder"]])
def test_a_checkpoint_is_the_path_of_a_folder(checkpoint):
    with pytest.raises(ValueError, match="checkpoint must be the path of a folder"):
        Word2Vec(checkpoint=checkpoint)


@pytest.mark.parametrize("rates", [dict(start_alpha=math.nan), dict(start_alpha=0.1, end_alpha=-1.0)])
def test_nonsense_rates_are_refused_by_train(rates):
    model = Word2Vec(min_count=1)
    model.build_vocab(common_texts)
    with pytest.raises(ValueError, match="alpha must be"):
        model.train(common_texts, total_examples=model.corpus_count, epochs=1, **rates)


def outcome(kind, **arguments):
    """The error that a model's constructor raises, or None."""
    try:
        kind(**{**SMALL, **arguments})
    except Exception as error:
        return error


# batch_words is not used here; gensim's trainer waits for ever with some
@pytest.mark.parametrize("name", sorted({*inspect.signature(Word2Vec.__init__).parameters} - {"self", "batch_words"}))
def test_a_value_of_the_wrong_kind_is_refused_by_name_or_as_gensim_does(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # "word" is a folder's name
    is_gensims = name in inspect.signature(gensim.models.Word2Vec.__init__).parameters
    unlike = {}
    for kind, value in INVALID.items():
        ours = outcome(Word2Vec, **{name: value})
        if ours is None or not str(ours).startswith(f"{name} must be "):
            theirs = outcome(gensim.models.Word2Vec, **{name: value}) if is_gensims else None
            if not isinstance(ours, type(theirs)):
                unlike[kind] = ours, theirs
    assert unlike == {}


NUMPYS = {
    "hs": np.int64(0), "sg": np.bool_(True), "cbow_mean": np.uint8(1), "negative": np.int32(5), "window": np.int64(2),
    "alpha": np.float64(0.025), "epochs": np.int16(1), "vector_size": np.int64(8), "workers": np.int64(1),
    "shared_softmax": np.bool_(False), "progress": np.bool_(False), "loss": np.str_("nce"), "prior": np.float64(2.5),
    "negative_sharing": np.int64(64), "min_count": np.int64(1), "sample": np.float64(1e-3), "seed": np.int64(1),
    "shrink_windows": np.bool_(True), "compute_loss": np.bool_(False), "sorted_vocab": np.int64(1),
}  # fmt: skip


def test_numbers_and_truth_values_of_numpys_are_taken_as_pythons(tmp_path):
    """As a sweep or a table gives them; checkpoints and files hold them, too."""
    of_numpy = Word2Vec(common_texts, checkpoint=tmp_path, **NUMPYS)
    of_python = Word2Vec(common_texts, **{name: value.item() for name, value in NUMPYS.items()})
    np.testing.assert_array_equal(of_numpy.wv.vectors, of_python.wv.vectors)
    np.testing.assert_array_equal(of_numpy.syn1neg, of_python.syn1neg)


@pytest.mark.parametrize("workers", [0, -1, np.int64(-4)])
def test_workers_that_are_none_are_refused_when_they_are_given_and_when_they_are_set(workers):
    model = Word2Vec(common_texts, min_count=1, vector_size=8, epochs=1)
    model.workers = workers
    for train in (
        lambda: Word2Vec(workers=workers),
        lambda: model.train(common_texts, total_examples=model.corpus_count, epochs=1),
    ):
        with pytest.raises(ValueError, match="workers must be an integer of at least 1, got"):
            train()
