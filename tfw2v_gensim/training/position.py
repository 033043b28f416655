"""Where a training is, and the protocol of those who watch it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

# What gives the trained matrices, by gensim's names, for those who ask: reading them takes time
Matrices = Callable[[], dict[str, np.ndarray]]


class EpochInfo(NamedTuple):
    """What is known of an epoch before it begins.

    Attributes
    ----------
    epoch, epochs : int
        Which epoch it is, from 0, and how many there are.
    total_examples, total_words : int or None
        Sentences and words that it reads; words may be missing where the sentences are known.
    """

    epoch: int
    epochs: int
    total_examples: int | None
    total_words: int | None

    @property
    def progress(self) -> float:
        """Share of the training that is done in the middle of the epoch."""
        return (self.epoch + 0.5) / self.epochs

    def share(self, sentences: Any, words: Any) -> Any:
        """Return the share of the epoch that so many sentences and words are; numbers or arrays."""
        return sentences / self.total_examples if self.total_examples else words / self.total_words

    def stopped_at(self, words: int) -> str:
        """Say that the epoch was stopped when so many words were trained."""
        return f"training stopped in epoch {self.epoch + 1} of {self.epochs}, {words:,} of its words trained"


class Position(NamedTuple):
    """How much of an epoch is trained; all zero before the first round.

    Attributes
    ----------
    rounds, examples, loss
        Rounds trained, the predictions in them, and the loss summed over these.
    sentences, words, kept_words
        As in :class:`tfw2v_gensim.training.blocks.Round`.
    seconds : float
        Time that the epoch has taken.
    figures : dict
        Those of the last round, see ``Word2Vec.history``; the loss is that round's alone.
    """

    rounds: int = 0
    examples: int = 0
    loss: float = 0.0
    sentences: int = 0
    words: int = 0
    kept_words: int = 0
    seconds: float = 0.0
    figures: dict[str, Any] = {}  # noqa: RUF012 (never changed)

    @property
    def mean_loss(self) -> float:
        """Loss per example so far, in nats."""
        return self.loss / max(self.examples, 1)

    def after(
        self, epoch: int, loss: float, examples: int, sentences: int, words: int, kept_words: int, seconds: float,
        alpha: float,
    ) -> Position:  # fmt: skip
        """Return where the epoch stands one round later.

        Parameters
        ----------
        epoch : int
        loss, examples
            Of the round.
        sentences, words, kept_words, seconds
            Of the epoch, at the round's end.
        alpha : float
            Of the round's last block.
        """
        figures = self.figures | {  # what callbacks have put there stays
            "epoch": epoch,
            "loss": loss / max(examples, 1),
            "words": words,
            "effective_words": kept_words,
            "seconds": seconds,
            "words_per_second": words / seconds,
            "alpha": alpha,
        }
        return Position(
            self.rounds + 1, self.examples + examples, self.loss + loss, sentences, words, kept_words, seconds, figures
        )

    def at_end(self, seconds: float) -> dict[str, Any]:
        """Return the epoch's row of ``Word2Vec.history``."""
        return self.figures | {
            "loss": self.mean_loss, "seconds": seconds, "words_per_second": self.words / seconds
        }  # fmt: skip


class Watcher:
    """Looks at a training between two rounds. By default it does nothing."""

    def after_round(self, position: Position, matrices: Matrices) -> None:
        """Look at where the epoch stands, and at the matrices if need be."""

    def close(self) -> None:
        """Make an end, however the epoch ended."""
