"""Training on: a grown vocabulary, and models loaded from disk."""

import numpy as np
import pytest

from tfw2v_gensim import Word2Vec

GENERATOR_SEED = 1


def topic_sentences(topics, count):
    """Sentences of eight words of one topic: words of a topic share contexts, words of two topics never do."""
    generator = np.random.default_rng(GENERATOR_SEED)
    names = [[f"{topic}{i}" for i in range(10)] for topic in topics]
    return [list(generator.choice(names[i % len(names)], 8)) for i in range(count)]


def apart(model, one, other):
    """How much nearer words are to their own topic than to the other, in mean cosine."""
    words = [[f"{topic}{i}" for i in range(10)] for topic in (one, other)]
    own = np.mean([model.wv.n_similarity(w[:5], w[5:]) for w in words])
    return own - model.wv.n_similarity(*words)


@pytest.fixture(params=[True, False], ids=["shared", "separate"])
def model(request):
    sentences = topic_sentences("ab", 300)
    return Word2Vec(sentences, vector_size=20, sample=0, epochs=8, shared_softmax=request.param, seed=3)


def train_on(model, sentences):
    model.build_vocab(sentences, update=True)
    before = model.wv.vectors.copy(), model.syn1neg.copy()
    model.train(sentences, total_examples=len(sentences), epochs=8)
    return before


def test_the_vocabulary_grows_and_keeps_what_was_learnt(model):
    old, old_counts = model.wv.vectors.copy(), model.wv.expandos["count"].copy()
    words = list(model.wv.index_to_key)
    grown, softmax = train_on(model, topic_sentences("cd", 300))
    assert model.wv.index_to_key[:20] == words
    np.testing.assert_array_equal(grown[:20], old)
    assert grown.shape == softmax.shape == model.wv.vectors.shape == model.syn1neg.shape == (40, 20)
    assert (model.wv.expandos["count"][:20] == old_counts).all()
    assert ("syn1neg" in model.__dict__) != model.shared_softmax


def test_new_words_are_learnt_and_old_ones_are_not_forgotten(model):
    assert apart(model, "a", "b") > 0.5
    train_on(model, topic_sentences("cd", 300))
    assert apart(model, "c", "d") > 0.5
    # a shared row also moves where its word is only noise: old words draw together, away from all that is new
    assert apart(model, "a", "b") > (0.25 if model.shared_softmax else 0.5)


def test_a_grown_vocabulary_is_scored_and_predicted_from(model):
    train_on(model, topic_sentences("bc", 300))
    best = [word for word, _ in model.predict_output_word(["c1", "c2", "c3"], topn=5)]
    assert all(word.startswith("c") for word in best)
    assert np.isfinite(model.score([["a1", "b1", "c1"]])).all()


def test_a_loaded_model_trains_on_as_the_saved_one_would(model, tmp_path):
    model.save(str(tmp_path / "model"))
    loaded, more = Word2Vec.load(str(tmp_path / "model")), topic_sentences("bc", 300)
    assert loaded.loss == model.loss
    for one in (model, loaded):
        train_on(one, more)
    np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)
    np.testing.assert_array_equal(loaded.syn1neg, model.syn1neg)
    assert loaded.shared_softmax == model.shared_softmax
