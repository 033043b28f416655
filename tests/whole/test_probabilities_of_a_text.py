"""Training finds the probabilities of the text, where no prior says otherwise."""

import numpy as np
import pytest

from tfw2v_gensim import Word2Vec


def test_a_word_of_another_topic_is_no_keyword():
    generator = np.random.default_rng(1)
    topics = [[f"{topic}{i}" for i in range(10)] for topic in "ab"]
    sentences = [list(generator.choice(topics[i % 2], 8)) for i in range(400)]
    model = Word2Vec(sentences, sg=1, vector_size=20, sample=0, epochs=10)
    ranked = [word for word, _ in model.keywords(["a1", "a2", "b3", "a4", "a5"])]
    assert ranked[-1] == "b3"


@pytest.mark.parametrize(
    "loss, ns_exponent",
    [("random_softmax", 0.0), ("random_softmax", 0.75), ("sampled_softmax", 0.75), ("nce", 0.75), ("softmax", 0.75)],
)
def test_training_finds_the_probabilities_that_the_text_was_drawn_with(loss, ns_exponent):
    generator = np.random.default_rng(1)
    frequency = 1 / np.arange(1, 41)
    joint = generator.gamma(0.5, 1.0, (40, 40)) * np.outer(frequency, frequency)
    joint += joint.T
    joint /= joint.sum()
    pairs = generator.choice(40 * 40, 40_000, p=joint.ravel())
    sentences = [[str(pair // 40), str(pair % 40)] for pair in pairs]
    model = Word2Vec(
        sentences, vector_size=40, window=1, min_count=1, sample=0.01, ns_exponent=ns_exponent, loss=loss,
        shared_softmax=False, epochs=5, prior=0,
    )  # fmt: skip
    least = np.exp(-(joint * np.log(joint / joint.sum(0))).sum())
    assert least < model.perplexity(sentences[:4000]) < 1.1 * least
