"""A training that leaves checkpoints, finds them again, and goes on to the very vectors of an unbroken run."""

from __future__ import annotations

import json
import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from timeit import default_timer
from typing import Any

import numpy as np
from gensim.models.callbacks import CallbackAny2Vec

from tfw2v_gensim import distribution
from tfw2v_gensim.callbacks.checkpoints import Checkpoints, as_json, checksums_of
from tfw2v_gensim.callbacks.stopping import UntilStopped
from tfw2v_gensim.process.interruption import uninterrupted
from tfw2v_gensim.training.machines import Machines
from tfw2v_gensim.training.position import Matrices, Position
from tfw2v_gensim.training.weights import assign, weights_of

logger = logging.getLogger(__name__)

# Within an epoch, a checkpoint is written when the last one is this old
CHECKPOINT_MINUTES = 10.0

# Figures of a model that go on with its training
FIGURES = ("history", "total_train_time", "running_training_loss", "min_alpha_yet_reached", "stop_training")


class CheckpointedTraining(UntilStopped):
    """One call of ``train`` with checkpoints: a callback of gensim's that stands for those of the caller.

    Those are not called for the epochs that were done before. Between two rounds it is a watcher like any other.

    Parameters
    ----------
    folder : str or os.PathLike
    callbacks : iterable of gensim.models.callbacks.CallbackAny2Vec
        The caller's.
    arguments : iterable of str
        Those attributes of the model that must be what they were when the checkpoint was written.
    **totals
        What ``train`` was given for the corpus: the learning rate depends on it.

    Attributes
    ----------
    epoch, position : int and tfw2v_gensim.training.position.Position
        Where the training starts, or goes on.
    """

    def __init__(
        self, folder: str | os.PathLike, callbacks: Iterable[CallbackAny2Vec], arguments: Iterable[str],
        **totals: int | None,
    ) -> None:  # fmt: skip
        super().__init__(callbacks)
        self.folder = folder
        self.compared = tuple(arguments)
        self.totals = totals
        self.epoch = self.epochs_ended = 0
        self.position = Position()
        self.kept: dict[str, np.ndarray] = {}  # by callbacks, in a checkpoint

    def on_train_begin(self, model: Any) -> None:
        """Go on from the newest checkpoint, if there is one."""
        os.makedirs(self.folder, exist_ok=True)
        self.model = model
        self.checkpoints = Checkpoints(self.folder, model.train_count)
        # as JSON gives them back
        self.arguments = json.loads(as_json({name: getattr(model, name) for name in self.compared} | self.totals))
        self.words = "\n".join(repr(str(word) if isinstance(word, str) else word) for word in model.wv.index_to_key)
        weights = weights_of(model)
        self.initial = checksums_of(weights.matrices | {"vectors_lockf": weights.lock})
        machines = distribution.machines()
        if machines.rank.worker == 0 and (found := self.checkpoints.load()) is not None:
            self.resume(*found)
        if machines.rank.workers > 1:
            self.follow_first(machines)
        self.saved_at = default_timer()
        super().on_train_begin(model)
        for prefix, callback in with_state(self.callbacks):
            if state := {
                name.removeprefix(prefix): kept for name, kept in self.kept.items() if name.startswith(prefix)
            }:
                callback.load_state_dict(state)

    def resume(self, state: dict[str, Any], path: Path) -> None:
        """Put a checkpoint into the model.

        Raises
        ------
        ValueError
            If it is of a training with other arguments, another corpus or other initial weights.
        """
        with np.load(path, allow_pickle=False) as arrays:
            saved = {name: arrays[name] for name in arrays.files}
        matrices = {name: saved[name] for name in ("vectors", "syn1neg") if name in saved}
        differences = (
            self.other_arguments(state["arguments"])
            + self.other_vocabulary(saved["words"].tobytes().decode("utf-8"), saved["count"])
        ) or self.other_weights(matrices, state["initial"])
        if differences:
            raise ValueError(f"checkpoint {path} is of another training: {'; '.join(differences)}")
        self.initial = state["initial"]
        self.take(state, matrices)
        self.kept = {name: array for name, array in saved.items() if "/" in name}
        if self.epoch == self.model.epochs or self.model.stop_training:
            logger.info("checkpoint %s is of a finished training: its vectors are taken, nothing is trained", path)
        else:
            logger.info(
                "going on from checkpoint %s: epoch %i of %i, %i rounds done",
                path, self.epoch + 1, self.model.epochs, self.position.rounds,
            )  # fmt: skip

    def other_arguments(self, saved: dict[str, Any]) -> list[str]:
        """Say which arguments a checkpoint has otherwise."""
        return [
            f"{name} is {saved.get(name)!r} in the checkpoint, {given!r} was given"
            for name, given in self.arguments.items()
            if saved.get(name) != given
        ]

    def other_vocabulary(self, saved_words: str, saved_counts: np.ndarray) -> list[str]:
        """Say where a checkpoint's vocabulary is another one, if it is."""
        before, given = (
            [f"{word} ({count} times)" for word, count in zip(words.split("\n"), counts.tolist(), strict=True)]
            for words, counts in ((saved_words, saved_counts), (self.words, self.model.wv.expandos["count"]))
        )
        if before == given:
            return []
        row = next((i for i, (a, b) in enumerate(zip(before, given, strict=False)) if a != b), None)
        if row is None:
            return [f"the vocabulary has {len(before)} words in the checkpoint, {len(given)} were given"]
        return [f"word {row} of the vocabulary is {before[row]} in the checkpoint, {given[row]} was given"]

    def other_weights(self, matrices: dict[str, np.ndarray], initial: dict[str, int]) -> list[str]:
        """Say which of the weights that the checkpoint's training began with are not the model's."""
        shape = self.model.wv.vectors.shape
        differences = [
            f"{name} has shape {matrix.shape} in the checkpoint, {shape} was given"
            for name, matrix in matrices.items()
            if matrix.shape != shape
        ]
        # a training that was interrupted may go on in the same process: the model has the checkpoint's weights
        if self.initial not in (initial, self.initial | checksums_of(matrices)):
            differences += [
                f"{name} is not what it was before that training"
                for name, checksum in initial.items()
                if self.initial[name] != checksum
            ]
        return differences

    def follow_first(self, machines: Machines) -> None:
        """Go on where worker 0 does, which alone saves and loads."""
        shapes = {name: (array.dtype.str, array.shape) for name, array in self.kept.items()}
        state = self.state() | {"epoch": self.epoch, "position": self.position._asdict(), "kept": shapes}
        matrices = weights_of(self.model).matrices
        text, values = machines.broadcast(as_json(state), list(matrices.values()))
        state = json.loads(text)
        self.take(state, dict(zip(matrices, values, strict=True)))
        for name, (kind, shape) in state["kept"].items():  # one by one: reduced together, all must be of one type
            _, (self.kept[name],) = machines.broadcast(name, [self.kept.get(name, np.zeros(shape, kind))])

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps of the model and of the epochs that are done."""
        return {name: getattr(self.model, name) for name in FIGURES} | {
            "epoch": len(self.counts),
            "counts": self.counts,
        }

    def take(self, state: dict[str, Any], matrices: dict[str, np.ndarray]) -> None:
        """Put weights and figures into the model."""
        assign(self.model, **matrices)
        for name in FIGURES:
            setattr(self.model, name, state.get(name, getattr(self.model, name)))
        self.epoch, self.counts = state["epoch"], [tuple(counts) for counts in state["counts"]]
        self.position = Position(**state["position"])

    def save(self, matrices: dict[str, np.ndarray], position: Position) -> None:
        """Write a checkpoint of an epoch that has come so far, with its weights: worker 0 does."""
        if distribution.Place.from_environment().worker:
            return
        state = self.state() | {
            "arguments": self.arguments, "initial": self.initial, "position": position._asdict()
        }  # fmt: skip
        vocabulary = {
            "words": np.frombuffer(self.words.encode("utf-8"), np.uint8),
            "count": self.model.wv.expandos["count"],
        }
        of_callbacks = {
            prefix + name: array
            for prefix, callback in with_state(self.callbacks)
            for name, array in callback.state_dict().items()
        }
        with uninterrupted():
            self.checkpoints.save(state, matrices | vocabulary | of_callbacks)
            self.saved_at = default_timer()

    def skipped(self, model: Any, epoch: int) -> tuple[int, int, int] | None:
        """Return the counts of an epoch that was done before, and as of :class:`UntilStopped`."""
        return self.counts[epoch] if epoch < self.epoch else super().skipped(model, epoch)

    def begins_at(self, epoch: int) -> Position:
        """Return where an epoch, one that is not done, begins."""
        return self.position if epoch == self.epoch else Position()

    def after_round(self, position: Position, matrices: Matrices) -> None:
        """Write a checkpoint if the last one is old."""
        if default_timer() - self.saved_at >= 60 * CHECKPOINT_MINUTES:
            self.save(matrices(), position)

    def on_epoch_begin(self, model: Any) -> None:
        """Call the caller's callbacks, unless the epoch was done before."""
        if self.epochs_ended >= self.epoch:
            super().on_epoch_begin(model)

    def on_epoch_end(self, model: Any) -> None:
        """Call the caller's callbacks and write a checkpoint, unless the epoch was done before."""
        self.epochs_ended += 1
        if self.epochs_ended > self.epoch and not model.stop_training:
            super().on_epoch_end(model)
            self.save(weights_of(model).matrices, Position())


def with_state(callbacks: Iterable[CallbackAny2Vec]) -> Iterator[tuple[str, Any]]:
    """Yield those callbacks that have a state to keep, each with what its arrays' names begin with in a checkpoint."""
    seen: Counter[str] = Counter()
    for callback in callbacks:
        if hasattr(callback, "state_dict"):
            kind = type(callback).__name__
            yield f"{kind}.{seen[kind]}/", callback
            seen[kind] += 1
