"""What each argument may be."""

import math

import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec


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
