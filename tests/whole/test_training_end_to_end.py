"""From sentences to vectors: they learn, they are close to gensim's, and the same seed gives the same."""

import math

import gensim.models
import numpy as np
import pytest
from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training.plan import plan_of


def overlap(model, other, words, topn=10):
    """Share of common neighbours, the mean over words."""
    neighbours = [[{w for w, _ in m.wv.most_similar(word, topn=topn)} for word in words] for m in (model, other)]
    return np.mean([len(a & b) / topn for a, b in zip(*neighbours, strict=True)])


def test_training_learns(lee, mode):
    model = Word2Vec(lee, vector_size=20, epochs=10, **mode)
    losses = [row["loss"] for row in model.history]
    assert np.isfinite(model.wv.vectors).all()
    assert np.isfinite(model.syn1neg).all()
    assert losses[0] < math.log(
        1 + plan_of(model._settings()).shape.noise
    )  # a guess among the true word and the noise words
    assert losses[-1] < 0.95 * losses[0]  # the prior holds the loss up: separate CBOW's falls by a tenth, else a third


@pytest.mark.parametrize("sg", [0, 1])
def test_neighbours_are_close_to_gensims(lee, sg):
    words = ["israeli", "palestinian", "government", "police", "test", "minister", "fire", "afghanistan"]
    theirs = gensim.models.Word2Vec(lee, sg=sg, epochs=30, workers=1)
    ours = Word2Vec(lee, sg=sg, epochs=20)
    untrained = Word2Vec(min_count=5)
    untrained.build_vocab(lee)
    assert overlap(ours, theirs, words) > 0.2
    assert overlap(untrained, theirs, words) < 0.1


def test_same_seed_same_vectors_whatever_workers_says(lee, mode):
    first, second, other = (
        Word2Vec(lee, vector_size=20, epochs=3, workers=workers, seed=seed, **mode)
        for workers, seed in ((1, 7), (4, 7), (1, 8))
    )
    assert (first.wv.vectors == second.wv.vectors).all()
    assert (first.syn1neg == second.syn1neg).all()
    assert (first.wv.vectors != other.wv.vectors).any()


@pytest.mark.parametrize(
    "arguments",
    [
        dict(cbow_mean=0),
        dict(sg=1, shrink_windows=False),
        dict(ns_exponent=0),
        dict(ns_exponent=-0.5),
        dict(sample=0),
        dict(window=1),
        dict(window=20),
        dict(sg=1, window=12),
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
    model = Word2Vec(lee, **{"vector_size": 20, "epochs": 3, **arguments})
    assert np.isfinite(model.wv.vectors).all()
    assert 0 < model.history[-1]["loss"] < 5 or len(model.wv) == 1


def test_corpus_file_trains_as_the_same_sentences_do(lee):
    path = datapath("lee_background.cor")
    from_file = Word2Vec(None, vector_size=20, epochs=3, corpus_file=path)
    from_sentences = Word2Vec(LineSentence(path), vector_size=20, epochs=3)
    assert from_file.wv.index_to_key == from_sentences.wv.index_to_key
    assert overlap(from_file, from_sentences, ["the", "said", "Australian"]) > 0.5


def test_training_on_continues(lee):
    model = Word2Vec(lee, vector_size=20, epochs=5)
    before = model.history[-1]["loss"]
    model.train(lee, total_examples=model.corpus_count, epochs=5)
    assert model.history[-1]["loss"] < before


def test_predicted_words_are_a_distribution(lee, mode):
    model = Word2Vec(lee, vector_size=20, epochs=5, **mode)
    predicted = model.predict_output_word(["prime", "minister"], topn=len(model.wv))
    assert len(predicted) == len(model.wv)
    assert sum(probability for _, probability in predicted) == pytest.approx(1.0)
    assert predicted == sorted(predicted, key=lambda pair: -pair[1])
    assert model.predict_output_word(["no such word"]) is None
