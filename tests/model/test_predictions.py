"""Outputs that are probabilities: predict_output_word, score, perplexity, keywords."""

import functools

import gensim.models
import numpy as np
import pytest
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.training.objectives import OBJECTIVES


@functools.cache
def model_of(loss="random_softmax", sg=0, shared_softmax=True):
    """A model with random weights: what training makes of them does not matter to the formulas."""
    model = Word2Vec(vector_size=10, min_count=1, sample=0.05, loss=loss, sg=sg, shared_softmax=shared_softmax)
    model.build_vocab(common_texts)
    generator = np.random.default_rng(1)
    model.wv.vectors = generator.normal(0, 1, (len(model.wv), 10)).astype(np.float32)
    if not shared_softmax:
        model.syn1neg = generator.normal(0, 1, (len(model.wv), 10)).astype(np.float32)
    return model


@functools.cache
def hierarchical(of=Word2Vec, sg=0):
    return of(common_texts, vector_size=10, min_count=1, hs=1, negative=0, sg=sg, workers=1)


def probabilities_of(model, hidden):
    """Probability of every word by the formula, in float64, one hidden vector."""
    counts, keep = model.wv.expandos["count"], model.wv.expandos["sample_int"] / 2.0**32
    scores = np.exp(model.syn1neg.astype(np.float64) @ hidden.astype(np.float64))
    if OBJECTIVES[model.loss].learns_noise_ratio:
        scores *= counts**model.ns_exponent / keep
    elif model.starts_from_frequencies:
        scores *= counts
    else:
        scores /= keep
    return scores / scores.sum()


def sentence_terms(model, sentence):
    """Log-probability of every prediction of a sentence, by the formula."""
    rows = [model.wv.key_to_index[word] for word in sentence if word in model.wv.key_to_index]
    for i, word in enumerate(rows):
        context = [rows[j] for j in range(max(0, i - model.window), min(len(rows), i + model.window + 1)) if j != i]
        if context and model.sg:
            yield from np.log(probabilities_of(model, model.wv.vectors[word])[context])
        elif context:
            yield np.log(probabilities_of(model, model.wv.vectors[context].mean(0))[word])


MODELS = [(loss, sg, shared) for loss in OBJECTIVES for sg in (0, 1) for shared in (True, False)]


def test_a_model_of_the_version_before_predicts_as_it_did_until_it_is_trained_on(tmp_path, caplog):
    """Its vectors have learnt how frequent each word is, where those of today are given it."""
    model = Word2Vec(common_texts, vector_size=10, min_count=1, sample=0.05, loss="sampled_softmax")
    del model.starts_from_frequencies
    model.save(str(tmp_path / "model"))
    loaded = Word2Vec.load(str(tmp_path / "model"))
    predicted = dict(loaded.predict_output_word(["human", "computer"], topn=len(loaded.wv)))
    hidden = loaded.wv.vectors[[loaded.wv.get_index(word) for word in ("human", "computer")]].mean(0)
    by_formula = probabilities_of(loaded, hidden)
    assert [predicted[word] for word in loaded.wv.index_to_key] == pytest.approx(by_formula, rel=1e-5)
    loaded.train(common_texts, total_examples=len(common_texts), epochs=1)
    assert "to unlearn it" in caplog.text
    assert (probabilities_of(loaded, hidden) != by_formula).any()  # by the offsets of today
    caplog.clear()
    loaded.train(common_texts, total_examples=len(common_texts), epochs=1)
    assert "to unlearn it" not in caplog.text


@pytest.mark.parametrize("loss, sg, shared", MODELS)
def test_predictions_are_a_distribution_over_the_vocabulary(loss, sg, shared):
    model = model_of(loss, sg, shared)
    predicted = model.predict_output_word(["human", "computer", "not a word"], topn=len(model.wv))
    words, probabilities = zip(*predicted, strict=True)
    assert sorted(words) == sorted(model.wv.key_to_index)
    assert sum(probabilities) == pytest.approx(1.0, abs=1e-9)
    assert list(probabilities) == sorted(probabilities, reverse=True)


@pytest.mark.parametrize("loss", OBJECTIVES)
def test_cbow_predicts_from_the_mean_of_the_context(loss):
    model = model_of(loss)
    expected = probabilities_of(model, model.wv.vectors[[model.wv.get_index(w) for w in ("human", "trees")]].mean(0))
    for word, probability in model.predict_output_word(["human", model.wv.get_index("trees")]):
        assert probability == pytest.approx(expected[model.wv.get_index(word)], rel=1e-5)


@pytest.mark.parametrize("loss", OBJECTIVES)
def test_skip_gram_combines_the_context_by_naive_bayes(loss):
    model = model_of(loss, sg=1)
    prior = model.wv.expandos["count"] / model.wv.expandos["count"].sum()
    given_each = [probabilities_of(model, model.wv.get_vector(word)) for word in ("human", "trees", "human")]
    expected = np.prod(given_each, axis=0) / prior**2
    expected /= expected.sum()
    predicted = model.predict_output_word(["human", "trees", "human"], topn=3)
    assert len(predicted) == 3
    for word, probability in predicted:
        assert probability == pytest.approx(expected[model.wv.get_index(word)], rel=1e-5)


def test_nothing_is_predicted_from_unknown_words(caplog):
    assert model_of().predict_output_word(["not a word"]) is None
    assert "out-of-vocabulary" in caplog.text


@pytest.mark.parametrize("loss, sg, shared", MODELS)
def test_score_sums_the_log_probabilities_of_each_sentence(loss, sg, shared):
    model = model_of(loss, sg, shared)
    sentences = [*common_texts, ["human"], [], ["not a word", "human", "computer"]]
    scores = model.score(iter(sentences))
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, [sum(sentence_terms(model, s)) for s in sentences], rtol=1e-5)
    assert (scores[[-3, -2]] == 0.0).all()


def test_score_stops_after_total_sentences(caplog):
    scores = model_of().score(common_texts, total_sentences=2)
    np.testing.assert_array_equal(scores, model_of().score(common_texts[:2]))
    assert len(scores) == 2
    assert "scored 2 sentences" in caplog.text


def test_score_needs_a_vocabulary():
    with pytest.raises(RuntimeError, match="build vocabulary"):
        Word2Vec().score(common_texts)


@pytest.mark.parametrize("sg", [0, 1])
def test_hierarchical_softmax_scores_as_gensim_does(sg):
    ours, gensims = hierarchical(sg=sg), hierarchical(gensim.models.Word2Vec, sg)
    scores = gensims.score(common_texts, total_sentences=100)
    np.testing.assert_array_equal(ours.score(common_texts, total_sentences=100), scores)
    lengths = np.array([len(sentence) for sentence in common_texts])  # all words are known, windows span the sentence
    predictions = (lengths * (lengths - 1) if sg else lengths)[lengths > 1].sum()
    expected = np.exp(-scores[lengths > 1].sum(dtype=np.float64) / predictions)
    assert ours.perplexity(common_texts) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("sg", [0, 1])
def test_perplexity_is_the_exponential_of_the_mean_negative_log_probability(sg):
    model = model_of(sg=sg)
    terms = [term for sentence in common_texts for term in sentence_terms(model, sentence)]
    assert model.perplexity(iter(common_texts)) == pytest.approx(np.exp(-np.mean(terms)), rel=1e-5)


def test_perplexity_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="at least two known words"):
        model_of().perplexity([["human"], ["not", "known"]])


@pytest.mark.parametrize("sg", [0, 1])
def test_keywords_are_the_words_that_best_predict_the_others(sg):
    model = model_of(sg=sg)
    text = ["graph", "trees", "minors", "graph", "human", "not a word"]
    expected = {}
    for word in set(text[:-1]):
        log_p = np.log(probabilities_of(model, model.wv.get_vector(word)))
        others = text[:-1]
        others.remove(word)
        expected[word] = sum(log_p[model.wv.get_index(other)] for other in others)
    keywords = model.keywords(text, topn=3)
    assert [word for word, _ in keywords] == sorted(expected, key=expected.get, reverse=True)[:3]
    for word, score in keywords:
        assert score == pytest.approx(expected[word], rel=1e-5)


def test_keywords_of_unknown_words_are_none():
    assert model_of().keywords(["not a word"]) == []


def test_keywords_need_a_model_trained_with_noise():
    with pytest.raises(RuntimeError, match="hs=0 and negative > 0"):
        hierarchical().keywords(["human", "trees"])
