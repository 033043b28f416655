"""The loss on held-out text: what it is, that it changes nothing, and where it is told."""

import io
import math
import re
import sys

import numpy as np
import pytest
from cutting import assert_same, cut_off, train
from gensim.test.utils import common_texts

from tfw2v_gensim import Word2Vec
from tfw2v_gensim.callbacks import HeldOutLoss, RoundCallback
from tfw2v_gensim.training.noise import NoiseTable
from tfw2v_gensim.training.weights import weights_of


@pytest.fixture(scope="module")
def held_out(lee):
    return lee[60:80]


def measured(model, sentences, **arguments):
    callback = HeldOutLoss(sentences, **arguments)
    callback.on_train_begin(model)
    return callback.measure(weights_of(model))


def test_with_every_word_as_noise_it_is_the_logarithm_of_the_perplexity(articles, held_out, mode):
    model = train(articles, loss="softmax", sample=0, **mode)
    assert measured(model, held_out) == pytest.approx(math.log(model.perplexity(held_out)), rel=1e-5)


def by_hand(loss, true, noise, is_true):
    """One example's loss, from a logit and those of its noise words."""
    if loss == "nce":
        return math.log1p(math.exp(-true)) + sum(math.log1p(math.exp(logit)) for logit in noise)
    others = [math.exp(logit) for logit, same in zip(noise, is_true, strict=True) if not same]
    return -math.log(math.exp(true) / (math.exp(true) + sum(others))) if others else 0.0


@pytest.mark.parametrize("loss", ["random_softmax", "sampled_softmax", "nce"])
def test_it_is_the_mean_of_the_losses_of_all_examples(loss, monkeypatch):
    model = Word2Vec(common_texts, vector_size=20, min_count=1, sample=0, epochs=50, loss=loss, window=1)
    words = ["human", "interface", "computer"]
    rows = [model.wv.get_index(word) for word in words]
    noise = [0, 1, rows[1], 5]
    monkeypatch.setattr(NoiseTable, "of_round", lambda self, generator, shape, uses: np.tile(noise, (shape[0], 1)))
    vectors, softmax = model.wv.vectors, model.syn1neg
    callback = HeldOutLoss([[words[0], "unknown", *words[1:]]])
    callback.on_train_begin(model)
    corrections = callback.plan.corrections
    offset = np.zeros(len(vectors)) if corrections is None else -corrections
    hidden = vectors[rows[1]], (vectors[rows[0]] + vectors[rows[2]]) / 2, vectors[rows[1]]
    expected = [
        by_hand(loss, (softmax @ h + offset)[row], (softmax @ h + offset)[noise], [word == row for word in noise])
        for h, row in zip(hidden, rows, strict=True)
    ]
    assert callback.measure(weights_of(model)) == pytest.approx(np.mean(expected), rel=1e-5)


def test_words_are_subsampled_as_in_training(articles, held_out):
    model = train(articles, sample=1e-3)
    callback = HeldOutLoss(held_out * 20)
    callback.on_train_begin(model)
    kept, known = np.concatenate(callback.rows), [w for words in held_out * 20 for w in words if w in model.wv]
    share = callback.settings.trained_int / 2**32
    the = model.wv.get_index("the")
    assert (kept == the).sum() / known.count("the") == pytest.approx(share[the], rel=0.2)
    assert share[the] < 0.5


def test_every_measurement_has_the_same_words_and_noise_which_the_seed_decides(articles, held_out):
    model = train(articles)
    losses = [measured(model, held_out, seed=seed) for seed in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]
    assert losses[0] == pytest.approx(losses[2], rel=0.1)


def test_it_falls_while_a_model_learns_and_changes_nothing(articles, held_out):
    model = train(articles, epochs=5, callbacks=[HeldOutLoss(held_out, every=1000)])
    losses = [row["held_out_loss"] for row in model.history]
    assert losses == sorted(losses, reverse=True) and losses[-1] < losses[0]
    assert losses[-1] == measured(model, held_out)
    assert (train(articles, epochs=5).wv.vectors == model.wv.vectors).all()


class Measure(RoundCallback):
    """Measures every round's weights, and keeps what the figures say of them."""

    def __init__(self, sentences):
        self.sentences = sentences
        self.rounds = []

    def on_round_matrices(self, model, figures, matrices):
        weights = weights_of(model)._replace(vectors=matrices()["vectors"])
        callback = HeldOutLoss(self.sentences)
        callback.on_train_begin(model)
        self.rounds.append((figures["epoch"], figures["words"], callback.measure(weights), figures))


def test_within_an_epoch_it_is_measured_after_so_many_words_and_the_figures_have_it(articles, held_out, several_rounds):
    measure, every = Measure(held_out), 4000
    model = train(articles, epochs=2, callbacks=[HeldOutLoss(held_out, every=every), measure])
    for epoch, row in enumerate(model.history):
        rounds = {words: loss for e, words, loss, _ in measure.rounds if e == epoch}
        *within, last = row["held_out_losses"]
        assert last == [row["words"], row["held_out_loss"]] and within
        assert all(loss == rounds[words] for words, loss in within)
        steps = np.diff([0] + [words for words, _ in row["held_out_losses"]])
        assert (steps[:-1] >= every).all() and len(rounds) > len(steps)
    latest = {(epoch, words): figures["held_out_loss"] for epoch, words, _, figures in measure.rounds if epoch}
    assert next(iter(latest.values())) == model.history[0]["held_out_loss"]  # the bar begins with the epoch's before


def test_the_bar_shows_it(monkeypatch, held_out, articles):
    shown = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", shown)
        train(articles, progress=True, callbacks=[HeldOutLoss(held_out, every=1)])
    assert re.search(r"loss \d\.\d+, held out \d\.\d+, alpha", shown.getvalue())


@pytest.mark.usefixtures("a_checkpoint_after_every_round", "several_rounds")
@pytest.mark.parametrize("rounds", [2, 4, 7])
def test_a_training_that_is_cut_off_goes_on_measuring(articles, held_out, tmp_path, rounds):
    def callback():
        return HeldOutLoss(held_out, every=2000)

    unbroken = train(articles, callbacks=[callback()])
    cut_off(articles, tmp_path, rounds, before=[callback()])
    assert_same(train(articles, checkpoint=tmp_path, callbacks=[callback()]), unbroken)


def test_what_cannot_be_measured_is_refused(articles):
    with pytest.raises(ValueError, match="every must be 'epoch' or a number of words, got 'round'"):
        HeldOutLoss(articles, every="round")
    with pytest.raises(ValueError, match="there is nothing to predict"):
        train(articles, callbacks=[HeldOutLoss([["police"], ["unheard", "of"]])])
    with pytest.raises(ValueError, match="HeldOutLoss needs a model trained with noise"):
        train(articles, hs=1, callbacks=[HeldOutLoss(articles)])
