"""Trainings that end before their last epoch, because a callback says so."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from gensim.models.callbacks import CallbackAny2Vec

from tfw2v_gensim.training.position import Position, Watcher
from tfw2v_gensim.training.weights import assign, weights_of

logger = logging.getLogger(__name__)


class UntilStopped(CallbackAny2Vec, Watcher):
    """Stands for the callbacks of one call of ``train`` for as long as its epochs are trained.

    gensim's ``train`` runs through all its epochs. Those after a callback has set ``model.stop_training`` train
    nothing, and callbacks do not hear of them.

    Parameters
    ----------
    callbacks : iterable of gensim.models.callbacks.CallbackAny2Vec

    Attributes
    ----------
    epoch : int
        Where the training starts, or goes on.
    counts : list of (int, int, int)
        For each epoch done, what gensim wants to know of it: words trained, words read, and rounds.
    """

    def __init__(self, callbacks: Iterable[CallbackAny2Vec]) -> None:
        self.callbacks = list(callbacks)
        self.epoch = 0
        self.counts: list[tuple[int, int, int]] = []

    def skipped(self, model: Any, epoch: int) -> tuple[int, int, int] | None:
        """Return what gensim is told of an epoch that is not to be trained; None for one that is."""
        return (0, 0, 0) if model.stop_training else None

    def begins_at(self, epoch: int) -> Position:
        """Return where an epoch begins that is to be trained."""
        return Position()

    def save(self, matrices: dict[str, np.ndarray], position: Position) -> None:
        """Keep an epoch that has come so far, with its weights; without checkpoints nothing does."""

    def on_train_begin(self, model: Any) -> None:
        """Call them."""
        for callback in self.callbacks:
            callback.on_train_begin(model)

    def on_epoch_begin(self, model: Any) -> None:
        """Call them, unless training was stopped."""
        if not model.stop_training:
            for callback in self.callbacks:
                callback.on_epoch_begin(model)

    def on_epoch_end(self, model: Any) -> None:
        """Call them, all after the epoch in which one stops, unless training was stopped before."""
        if not model.stop_training:
            for callback in self.callbacks:
                callback.on_epoch_end(model)

    def on_train_end(self, model: Any) -> None:
        """Call them."""
        for callback in self.callbacks:
            callback.on_train_end(model)


class EarlyStopping(CallbackAny2Vec):
    """End a training when a figure of ``Word2Vec.history`` has not fallen for some epochs, as Keras's callback does.

    Parameters
    ----------
    monitor : str
        A figure that is better when it is lower. ``held_out_loss`` comes from a
        :class:`tfw2v_gensim.callbacks.HeldOutLoss`, which must stand before this in the list of callbacks.
    patience : int
        After how many epochs without an improvement training ends.
    min_delta : float
        By how much the figure must fall to have improved.
    restore_best : bool
        Whether the model gets the weights of its best epoch when training ends, early or not. They are kept in memory,
        and in the checkpoints, beside those that are trained.

    Attributes
    ----------
    best : float
        The figure of the best epoch so far.
    best_epoch, stopped_epoch : int or None
        From 0; ``stopped_epoch`` is the last that was trained, None where training was not stopped.

    Raises
    ------
    ValueError
        After the first epoch, if its ``history`` has no such figure.

    Notes
    -----
    The learning rate falls from ``alpha`` to ``min_alpha`` over all ``epochs``, and a training that is stopped early
    never gets to its end. Nor is a loss that rises a sign of overfitting: at a high rate it does, and it falls again
    with the rate. With the default patience, 100 epochs of 500,000 words were stopped after 7, at a loss of 2.97, and
    those of 2 million words after 13, at 2.85; 5 and 11 epochs, which were best, had 2.74 and 2.45 when trained to
    their end, and all 100 epochs of 500,000 words had 2.62 and the best vectors
    (``tests/benchmarks/early_stopping.py``). So stop early to save time, with a ``patience`` of a good part of
    ``epochs``, or train at one rate, ``min_alpha=alpha``.

    Examples
    --------
    >>> from gensim.test.utils import common_texts
    >>> from tfw2v_gensim import Word2Vec
    >>> from tfw2v_gensim.callbacks import HeldOutLoss
    >>> stopping = EarlyStopping(min_delta=10.0)  # no loss falls so fast
    >>> callbacks = [HeldOutLoss(common_texts[:2]), stopping]
    >>> model = Word2Vec(common_texts[2:], vector_size=20, min_count=1, sample=0, epochs=50, callbacks=callbacks)
    >>> len(model.history), stopping.stopped_epoch, stopping.best_epoch
    (3, 2, 0)

    """

    def __init__(
        self, monitor: str = "held_out_loss", patience: int = 2, min_delta: float = 0.0, restore_best: bool = True
    ) -> None:
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        self.restore_best = restore_best
        self.on_train_begin(None)

    def on_train_begin(self, model: Any) -> None:
        """Begin anew."""
        self.best = math.inf
        self.best_epoch: int | None = None
        self.stopped_epoch: int | None = None
        self.weights: dict[str, np.ndarray] = {}

    def on_epoch_end(self, model: Any) -> None:
        """Keep the weights if they are the best so far; stop if they have not been for too long."""
        figures = model.history[-1] if model.history else {}
        if self.monitor not in figures:
            raise ValueError(
                f"monitor must be a figure of the model's history, one of {sorted(figures)}, got {self.monitor!r}: "
                f"a HeldOutLoss must stand before this callback"
            )
        epoch, value = figures["epoch"], figures[self.monitor]
        if self.best_epoch is None or value < self.best - self.min_delta:
            self.best, self.best_epoch = value, epoch
            if self.restore_best:
                self.weights = {name: matrix.copy() for name, matrix in weights_of(model).matrices.items()}
        elif epoch - self.best_epoch >= self.patience:
            self.stopped_epoch = epoch
            model.stop_training = True
            logger.info(
                "training stops after epoch %i of %i: %s was best after epoch %i, %g",
                epoch + 1, model.epochs, self.monitor, self.best_epoch + 1, self.best,
            )  # fmt: skip

    def on_train_end(self, model: Any) -> None:
        """Put the best weights into the model."""
        if self.weights:
            assign(model, **self.weights)
            self.weights = {}

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return what a checkpoint keeps of this callback."""
        epochs = [-1 if epoch is None else epoch for epoch in (self.best_epoch, self.stopped_epoch)]
        return {"best": np.array(self.best), "epochs": np.array(epochs), **self.weights}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Go on from a checkpoint."""
        self.weights = {name: array for name, array in state.items() if name not in ("best", "epochs")}
        self.best = float(state["best"])
        self.best_epoch, self.stopped_epoch = (None if epoch < 0 else int(epoch) for epoch in state["epochs"])
