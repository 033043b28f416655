"""How far a training has come, and who watches it: the bar, the log, and callbacks between two rounds."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

logger = logging.getLogger(__name__)

# What gives the trained matrices, by gensim's names, for those who ask: reading them takes time
Matrices = Callable[[], dict[str, np.ndarray]]


class Announced(NamedTuple):
    """What was said of an epoch before it began.

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

    def share(self, sentences: Any, words: Any) -> Any:
        """Return the share of the epoch that so many sentences and words are; numbers or arrays."""
        return sentences / self.total_examples if self.total_examples else words / self.total_words

    def stopped_at(self, words: int) -> str:
        """Say that the epoch was stopped when so many words were trained."""
        return f"training stopped in epoch {self.epoch + 1} of {self.epochs}, {words:,} of its words trained"


class Standing(NamedTuple):
    """What of an epoch is trained so far; all zero before the first round.

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
    ) -> Standing:  # fmt: skip
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
        figures = {
            "epoch": epoch,
            "loss": loss / max(examples, 1),
            "words": words,
            "effective_words": kept_words,
            "seconds": seconds,
            "words_per_second": words / seconds,
            "alpha": alpha,
        }
        return Standing(
            self.rounds + 1, self.examples + examples, self.loss + loss, sentences, words, kept_words, seconds, figures
        )

    def at_end(self, seconds: float) -> dict[str, Any]:
        """Return the epoch's row of ``Word2Vec.history``."""
        return self.figures | {
            "loss": self.mean_loss, "seconds": seconds, "words_per_second": self.words / seconds
        }  # fmt: skip


class Watcher:
    """Looks at a training between two rounds. By default it does nothing."""

    def after_round(self, standing: Standing, matrices: Matrices) -> None:
        """Look at where the epoch stands, and at the matrices if need be."""

    def close(self) -> None:
        """Make an end, however the epoch ended."""


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return "IPKernelApp" in getattr(shell, "config", ())


class _Bar(tqdm):
    """A bar without the thread that watches over slow ones: that outlives the training, even of a bar that is off."""

    monitor_interval = 0


class ProgressBar(Watcher):
    """One epoch's part of the bar that spans a whole training; nothing is printed where it is off.

    Parameters
    ----------
    show : bool or None
        None shows the bar where somebody may be watching: standard error is a terminal, or this is a notebook.
    announced : Announced

    Examples
    --------
    >>> bar = ProgressBar(False, Announced(epoch=0, epochs=5, total_examples=10, total_words=100))
    >>> bar.after_round(Standing().after(0, 5.0, 2, 5, 50, 40, seconds=1.0, alpha=0.02), dict)
    >>> bar.close()

    """

    def __init__(self, show: bool | None, announced: Announced) -> None:
        if show is None and in_notebook():
            show = True
        self.announced = announced
        self.bar = _Bar(
            desc=f"epoch {announced.epoch + 1}/{announced.epochs}",
            total=announced.epochs,
            initial=announced.epoch,
            disable=None if show is None else not show,  # None: off unless standard error is a terminal
            leave=announced.epoch + 1 == announced.epochs,
            smoothing=0,
            dynamic_ncols=True,
            bar_format="{desc}: {percentage:3.0f}%|{bar}|",  # nobody knows yet how long it will take
        )

    def after_round(self, standing: Standing, matrices: Matrices) -> None:
        """Advance, and show the round's words/s, loss and rate."""
        figures = standing.figures
        self.bar.bar_format = "{desc}: {percentage:3.0f}%|{bar}| {remaining} left{postfix}"
        self.bar.set_postfix_str(
            f"{tqdm.format_sizeof(figures['words_per_second'])} words/s, "
            f"loss {figures['loss']:.3f}, alpha {figures['alpha']:.4f}",
            refresh=False,
        )
        share = min(self.announced.share(standing.sentences, standing.words), 1.0)
        self.bar.update(self.announced.epoch + share - self.bar.n)

    def close(self) -> None:
        """Take the bar away, or leave it at the training's end."""
        self.bar.close()


class ProgressLog(Watcher):
    """Logs progress in gensim's format, every ``report_delay`` seconds. There are no queues here."""

    def __init__(self, announced: Announced, report_delay: float, seconds: float = 0.0) -> None:
        self.announced = announced
        self.report_delay = report_delay
        self.next_report = seconds + report_delay

    def after_round(self, standing: Standing, matrices: Matrices) -> None:
        """Log a line if it is time."""
        if standing.seconds < self.next_report:
            return
        self.next_report = standing.seconds + self.report_delay
        logger.info(
            "EPOCH %i - PROGRESS: at %.2f%% %s, %.0f words/s, in_qsize -1, out_qsize 0",
            self.announced.epoch, 100.0 * self.announced.share(standing.sentences, standing.words),
            "examples" if self.announced.total_examples else "words", standing.kept_words / standing.seconds,
        )  # fmt: skip


class RoundCallbacks(Watcher):
    """Calls those of the user's callbacks that want to know of every round."""

    def __init__(self, model: Any, callbacks: Iterable[Any]) -> None:
        self.model = model
        self.calls = [callback.on_round_end for callback in callbacks if hasattr(callback, "on_round_end")]

    def after_round(self, standing: Standing, matrices: Matrices) -> None:
        """Call them."""
        for call in self.calls:
            call(self.model, standing.figures)


def log_epoch_end(announced: Announced, standing: Standing, seconds: float, checks_totals: bool) -> None:
    """Log an epoch's end in gensim's format, and warn if the corpus was not the one that was announced."""
    logger.info(
        "EPOCH %i: training on %i raw words (%i effective words) took %.1fs, %.0f effective words/s",
        announced.epoch, standing.words, standing.kept_words, seconds, standing.kept_words / seconds,
    )  # fmt: skip
    if not checks_totals:
        return
    for what, expected, found in (
        ("example", announced.total_examples, standing.sentences),
        ("raw word", announced.total_words, standing.words),
    ):
        if expected and expected != found:
            logger.warning(
                "EPOCH %i: supplied %s count (%i) did not equal expected count (%i)",
                announced.epoch, what, found, expected,
            )  # fmt: skip
