import numpy as np
import pytest

from tfw2v_gensim.training import probabilities
from tfw2v_gensim.training.noise import log_noise_probabilities
from tfw2v_gensim.training.objectives import OBJECTIVES

COUNTS = np.array([50, 30, 15, 5])


KEEP = np.array([0.3, 0.5, 1.0, 1.0])


SAMPLE_INT = np.minimum(KEEP * 2.0**32, 2**32 - 1).astype(np.uint32)


def softmax(logits):
    exponentials = np.exp(logits - logits.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


@pytest.mark.parametrize("ns_exponent", [0.0, 0.75, 1.0])
@pytest.mark.parametrize("loss", OBJECTIVES)
def test_offsets_turn_the_optimal_logits_of_a_loss_into_the_probabilities_of_running_text(loss, ns_exponent):
    in_text = np.array([0.4, 0.1, 0.2, 0.3])
    in_training = in_text * KEEP / (in_text * KEEP).sum()
    logits = np.log(in_training) + 1.7
    by_noise = OBJECTIVES[loss].learns_noise_ratio
    learnt = logits - (log_noise_probabilities(COUNTS, ns_exponent) if by_noise else np.log(COUNTS * KEEP))
    offsets = probabilities.logit_offsets(loss, COUNTS, ns_exponent, SAMPLE_INT)
    np.testing.assert_allclose(softmax(learnt + offsets), in_text, rtol=1e-6)
    if not by_noise:  # models of the version before learnt the frequencies, too
        former = probabilities.logit_offsets(loss, COUNTS, ns_exponent, SAMPLE_INT, starts_from_frequencies=False)
        np.testing.assert_allclose(softmax(logits + former), in_text, rtol=1e-6)


def test_log_softmax_holds_for_logits_of_any_size():
    logits = np.array([[1e5, 1e5 + 1, -1e5], [-1e5, -1e5, -1e5]], np.float32)
    expected = np.array([[1 / (1 + np.e), np.e / (1 + np.e), 0], [1 / 3] * 3])
    np.testing.assert_allclose(np.exp(probabilities.log_softmax(logits)), expected, rtol=1e-12)


def test_naive_bayes_recovers_the_posterior_of_independent_witnesses():
    generator = np.random.default_rng(1)
    prior = softmax(generator.normal(0, 1, 5))
    likelihood = softmax(generator.normal(0, 1, (5, 7)))  # p(witness | word)
    witnesses = [3, 0, 3]
    posterior = prior * likelihood[:, witnesses].prod(1)
    given_each = np.stack([prior * likelihood[:, c] / (prior * likelihood[:, c]).sum() for c in witnesses])
    combined = np.exp(probabilities.combine(np.log(given_each), np.log(prior)))
    np.testing.assert_allclose(combined, posterior / posterior.sum(), rtol=1e-10)


def test_one_witness_is_not_changed_by_naive_bayes():
    given = np.array([[0.2, 0.5, 0.3]])
    np.testing.assert_allclose(np.exp(probabilities.combine(np.log(given), np.log([0.8, 0.1, 0.1]))), given[0])


@pytest.mark.parametrize("logits_at_a_time", [1, 30, 10**9])
@pytest.mark.parametrize("window", [1, 3, 40])
@pytest.mark.parametrize("sg", [False, True])
@pytest.mark.parametrize("cbow_mean", [False, True])
def test_examples_are_the_whole_windows_of_the_sentence(sg, cbow_mean, window, logits_at_a_time, monkeypatch):
    monkeypatch.setattr(probabilities, "_LOGITS_AT_A_TIME", logits_at_a_time)
    generator = np.random.default_rng(1)
    vectors = generator.normal(0, 1, (6, 4)).astype(np.float32)
    rows = generator.integers(0, 6, 11)
    expected = []
    for i, word in enumerate(rows):
        context = [rows[j] for j in range(max(0, i - window), min(len(rows), i + window + 1)) if j != i]
        if sg:
            expected += [(vectors[word], other) for other in context]
        else:
            expected.append((vectors[context].mean(0) if cbow_mean else vectors[context].sum(0), word))
    found = [
        (hidden[i], word)
        for hidden, at, words in probabilities.examples(rows, vectors, window, sg, cbow_mean)
        for i, word in zip(at, words, strict=True)
    ]
    assert [word for _, word in found] == [word for _, word in expected]
    np.testing.assert_allclose([h for h, _ in found], [h for h, _ in expected], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rows", [[], [2]])
def test_a_sentence_of_fewer_than_two_words_predicts_nothing(rows):
    assert list(probabilities.examples(np.array(rows, np.int64), np.ones((3, 2), np.float32), 5, False, True)) == []
