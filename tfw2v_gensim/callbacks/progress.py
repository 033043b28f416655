"""Watchers that show how far a training is: the bar, the log, and the user's callbacks between two rounds."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from tfw2v_gensim.training.position import EpochInfo, Matrices, Position, Watcher

logger = logging.getLogger(__name__)


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
    epoch_info : EpochInfo

    Examples
    --------
    >>> bar = ProgressBar(False, EpochInfo(epoch=0, epochs=5, total_examples=10, total_words=100))
    >>> bar.after_round(Position().after(0, 5.0, 2, 5, 50, 40, seconds=1.0, alpha=0.02), dict)
    >>> bar.close()

    """

    def __init__(self, show: bool | None, epoch_info: EpochInfo) -> None:
        if show is None and in_notebook():
            show = True
        self.epoch_info = epoch_info
        self.bar = _Bar(
            desc=f"epoch {epoch_info.epoch + 1}/{epoch_info.epochs}",
            total=epoch_info.epochs,
            initial=epoch_info.epoch,
            disable=None if show is None else not show,  # None: off unless standard error is a terminal
            leave=epoch_info.epoch + 1 == epoch_info.epochs,
            smoothing=0,
            dynamic_ncols=True,
            bar_format="{desc}: {percentage:3.0f}%|{bar}|",  # nobody knows yet how long it will take
        )

    def after_round(self, position: Position, matrices: Matrices) -> None:
        """Advance, and show the round's words/s, loss and rate."""
        figures = position.figures
        held_out = f"held out {figures['held_out_loss']:.3f}, " if "held_out_loss" in figures else ""
        self.bar.bar_format = "{desc}: {percentage:3.0f}%|{bar}| {remaining} left{postfix}"
        self.bar.set_postfix_str(
            f"{tqdm.format_sizeof(figures['words_per_second'])} words/s, "
            f"loss {figures['loss']:.3f}, {held_out}alpha {figures['alpha']:.4f}",
            refresh=False,
        )
        share = min(self.epoch_info.share(position.sentences, position.words), 1.0)
        self.bar.update(self.epoch_info.epoch + share - self.bar.n)

    def close(self) -> None:
        """Take the bar away, or leave it at the training's end."""
        self.bar.close()


class ProgressLog(Watcher):
    """Logs progress in gensim's format, every ``report_delay`` seconds. There are no queues here."""

    def __init__(self, epoch_info: EpochInfo, report_delay: float, seconds: float = 0.0) -> None:
        self.epoch_info = epoch_info
        self.report_delay = report_delay
        self.next_report = seconds + report_delay

    def after_round(self, position: Position, matrices: Matrices) -> None:
        """Log a line if it is time."""
        if position.seconds < self.next_report:
            return
        self.next_report = position.seconds + self.report_delay
        logger.info(
            "EPOCH %i - PROGRESS: at %.2f%% %s, %.0f words/s, in_qsize -1, out_qsize 0",
            self.epoch_info.epoch, 100.0 * self.epoch_info.share(position.sentences, position.words),
            "examples" if self.epoch_info.total_examples else "words", position.kept_words / position.seconds,
        )  # fmt: skip


class RoundNotifier(Watcher):
    """Calls those of the user's callbacks that want to know of every round."""

    def __init__(self, model: Any, callbacks: Iterable[Any]) -> None:
        self.model = model
        self.callbacks = list(callbacks)

    def after_round(self, position: Position, matrices: Matrices) -> None:
        """Call them."""
        for callback in self.callbacks:
            if hasattr(callback, "on_round_matrices"):
                callback.on_round_matrices(self.model, position.figures, matrices)
            if hasattr(callback, "on_round_end"):
                callback.on_round_end(self.model, position.figures)


def log_epoch_end(epoch_info: EpochInfo, position: Position, seconds: float, checks_totals: bool) -> None:
    """Log an epoch's end in gensim's format, and warn if the corpus was not the one that was expected."""
    logger.info(
        "EPOCH %i: training on %i raw words (%i effective words) took %.1fs, %.0f effective words/s",
        epoch_info.epoch, position.words, position.kept_words, seconds, position.kept_words / seconds,
    )  # fmt: skip
    if not checks_totals:
        return
    for what, expected, found in (
        ("example", epoch_info.total_examples, position.sentences),
        ("raw word", epoch_info.total_words, position.words),
    ):
        if expected and expected != found:
            logger.warning(
                "EPOCH %i: supplied %s count (%i) did not equal expected count (%i)",
                epoch_info.epoch, what, found, expected,
            )  # fmt: skip
