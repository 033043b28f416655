"""The loss of an example on text that is not trained on, measured while a model is trained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from gensim.models.callbacks import CallbackAny2Vec

from tfw2v_gensim import distribution
from tfw2v_gensim.training import probabilities
from tfw2v_gensim.training.plan import Plan, Settings, plan_of
from tfw2v_gensim.training.position import Matrices
from tfw2v_gensim.training.weights import Weights, weights_of

# Examples whose logits are computed together: each has noise words of its own, 24 or 32 by default, and their vectors
EXAMPLES = 1 << 10


class HeldOutLoss(CallbackAny2Vec):
    """Measure the mean loss of an example on held-out text, into ``Word2Vec.history`` and the progress bar.

    The loss is the one that is trained, with as much noise; words are subsampled as in training. Every measurement has
    the same words and the same noise, so that they compare. To the training's own loss they compare roughly only: the
    words of a window have equal weights here.

    Parameters
    ----------
    sentences : iterable of list of str
        Text that is not trained on, read once. Words that are not in the vocabulary are left out.
    every : "epoch" or int
        Measure after every epoch, or also within the epochs, after so many words: at the end of the round in which
        they are reached.
    seed : int
        What subsampling and noise are drawn by.

    Raises
    ------
    ValueError
        When training begins: if the text has nothing to predict, or the model is gensim's own (``hs=1`` or
        ``negative=0``).

    Notes
    -----
    ``history`` gets ``held_out_loss``, in nats, at the end of each epoch; with a number for ``every``,
    ``held_out_losses``, too: a list of ``[words, loss]``, by the words that the epoch had read.

    Examples
    --------
    >>> from gensim.test.utils import common_texts
    >>> from tfw2v_gensim import Word2Vec
    >>> held_out = HeldOutLoss(common_texts[:2])
    >>> model = Word2Vec(common_texts[2:], vector_size=20, min_count=1, sample=0, epochs=2, callbacks=[held_out])
    >>> [round(row["held_out_loss"]) for row in model.history]
    [3, 3]

    """

    def __init__(self, sentences: Iterable[Sequence[str]], every: str | int = "epoch", seed: int = 1) -> None:
        if every != "epoch" and not (isinstance(every, int) and every > 0):
            raise ValueError(f"every must be 'epoch' or a number of words, got {every!r}")
        self.sentences = [list(sentence) for sentence in sentences]
        self.every = every
        self.seed = seed
        self.rows: list[np.ndarray] = []

    def on_train_begin(self, model: Any) -> None:
        """Turn the text into rows of the vocabulary, subsampled."""
        if model.is_gensims:
            raise ValueError("HeldOutLoss needs a model trained with noise: hs=0 and negative > 0")
        self.settings: Settings = model._settings()
        self.plan: Plan = plan_of(self.settings)
        number, kept = model.wv.key_to_index, self.settings.trained_int / 2.0**32
        generator = np.random.default_rng(self.seed)
        known = [np.array([number[w] for w in words if w in number], np.int64) for words in self.sentences]
        self.rows = [rows[generator.random(len(rows)) < kept[rows]] for rows in known]
        if not any(len(rows) > 1 for rows in self.rows):
            raise ValueError("sentences must hold a sentence of at least two known words: there is nothing to predict")

    def on_round_matrices(self, model: Any, figures: dict[str, Any], matrices: Matrices) -> None:
        """Measure, if so many words are trained; the figures of all rounds have the last loss, for the bar."""
        if model.history and "held_out_loss" in model.history[-1]:
            figures.setdefault("held_out_loss", model.history[-1]["held_out_loss"])
        if self.every == "epoch":
            return
        measured = figures.get("held_out_losses", [])
        if figures["words"] - (measured[-1][0] if measured else 0) >= self.every:
            trained = matrices()
            loss = self.measure(weights_of(model)._replace(vectors=trained["vectors"], softmax=trained.get("syn1neg")))
            figures["held_out_loss"] = loss
            figures["held_out_losses"] = [*measured, [figures["words"], loss]]

    def on_epoch_end(self, model: Any) -> None:
        """Measure."""
        if not model.history:  # the corpus was empty
            return
        row = model.history[-1]
        row["held_out_loss"] = self.measure(weights_of(model))
        if self.every != "epoch":
            within = [each for each in row.get("held_out_losses", []) if each[0] < row["words"]]
            row["held_out_losses"] = [*within, [row["words"], row["held_out_loss"]]]

    def measure(self, weights: Weights) -> float:
        """Return the mean loss of an example, in nats; where several machines train, as worker 0 has it."""
        machines = distribution.machines()
        total = examples = 0.0
        if machines.rank.worker == 0:
            generator = np.random.default_rng([self.seed, 1])
            for hidden, words in batches(self.rows, weights.vectors, self.settings):
                total += loss_of(hidden, words, weights, self.settings, self.plan, generator)
                examples += len(words)
        total, examples = machines.sum_scalars(float(total), float(examples))
        return total / examples


def batches(
    sentences: Iterable[np.ndarray], vectors: np.ndarray, settings: Settings
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the examples of a text, :data:`EXAMPLES` at a time or a sentence's more.

    Parameters
    ----------
    sentences : iterable of numpy.ndarray
        int64: the rows of each sentence's words.
    vectors : numpy.ndarray
        float32 ``[V, D]``
    settings : tfw2v_gensim.training.plan.Settings

    Yields
    ------
    hidden : numpy.ndarray
        float32 ``[m, D]``
    words : numpy.ndarray
        int64 ``[m]``: the true words.
    """
    waiting: list[tuple[np.ndarray, np.ndarray]] = []
    for rows in sentences:
        parts = probabilities.examples(rows, vectors, settings.window, settings.sg, settings.cbow_mean)
        waiting += [(hidden[at], words) for hidden, at, words in parts]
        if sum(len(words) for _, words in waiting) >= EXAMPLES:
            yield np.concatenate([hidden for hidden, _ in waiting]), np.concatenate([words for _, words in waiting])
            waiting = []
    if waiting:
        yield np.concatenate([hidden for hidden, _ in waiting]), np.concatenate([words for _, words in waiting])


def loss_of(
    hidden: np.ndarray, words: np.ndarray, weights: Weights, settings: Settings, plan: Plan,
    generator: np.random.Generator,
) -> float:  # fmt: skip
    """Sum the losses of examples, each among noise words of its own, by the function that training minimises.

    Parameters
    ----------
    hidden : numpy.ndarray
        float32 ``[m, D]``
    words : numpy.ndarray
        int64 ``[m]``: the true words.
    weights : tfw2v_gensim.training.weights.Weights
    settings : tfw2v_gensim.training.plan.Settings
    plan : tfw2v_gensim.training.plan.Plan
        Has the noise distribution, the number of noise words and the logits' corrections.
    generator : numpy.random.Generator
        What noise is drawn by.

    Returns
    -------
    float
        In nats.
    """
    from tfw2v_gensim.training import losses  # imports TensorFlow

    softmax = weights.vectors if weights.softmax is None else weights.softmax
    hidden = hidden * weights.factors
    true_logits = np.einsum("md,md->m", hidden, softmax[words])[:, None]
    if settings.objective.takes_every_word:
        noise_logits, collisions = hidden @ softmax.T, np.ones_like(true_logits)
    else:
        noise = plan.noise.of_round(generator, (len(words), plan.shape.noise), uses=1)
        noise_logits = np.einsum("md,mpd->mp", hidden, softmax[noise])
        collisions = (noise == words[:, None]).sum(axis=1, keepdims=True, dtype=np.float32)
    if plan.corrections is not None:
        true_logits -= plan.corrections[words][:, None]
        noise_logits -= plan.corrections if settings.objective.takes_every_word else plan.corrections[noise]
    losses_of_examples = getattr(losses, settings.loss)(true_logits, noise_logits, collisions)
    return float(np.sum(losses_of_examples, dtype=np.float64))
