"""Checkpoints: a training that was cut off goes on from the last one, to the very vectors of an unbroken run.

A checkpoint is a numpy archive without pickle, whose checksums tell a broken one. It holds ``vectors``, ``syn1neg``
(unless that is ``vectors``), ``words`` (UTF-8, a Python literal a line), their ``count``, and ``state`` (JSON). No
random state is needed: an epoch's draws come from the seed, and those of the rounds before the checkpoint are drawn
again.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from timeit import default_timer
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from gensim.models.callbacks import CallbackAny2Vec

from tfw2v_gensim import distribution
from tfw2v_gensim.callbacks import StepCallback
from tfw2v_gensim.files import write_whole
from tfw2v_gensim.interruption import uninterrupted

if TYPE_CHECKING:
    from tfw2v_gensim.word2vec import Word2Vec

logger = logging.getLogger(__name__)

# Within an epoch, a checkpoint is written when the last one is this old
CHECKPOINT_MINUTES = 10.0

# Arguments that the vectors depend on. A checkpoint is of no use to a training with others.
ARGUMENTS = (
    "vector_size", "alpha", "min_alpha", "window", "min_count", "max_vocab_size", "sample", "seed", "sg", "negative",
    "ns_exponent", "cbow_mean", "epochs", "null_word", "sorted_vocab", "max_final_vocab", "shrink_windows",
    "shared_softmax", "negative_sharing", "loss", "corpus_count", "corpus_total_words",
)  # fmt: skip

# Figures of a model that go on with its training
FIGURES = ("history", "total_train_time", "running_training_loss", "min_alpha_yet_reached")


class Position(NamedTuple):
    """Where an epoch stands between two rounds.

    Attributes
    ----------
    rounds, examples, loss
        Rounds trained, the predictions in them, and the loss summed over these.
    sentences, words, kept_words
        As in :class:`tfw2v_gensim.blocks.Round`.
    seconds : float
        Time that the epoch has taken.
    figures : dict
        Those of the last round, see ``Word2Vec.history``.
    """

    rounds: int = 0
    examples: int = 0
    loss: float = 0.0
    sentences: int = 0
    words: int = 0
    kept_words: int = 0
    seconds: float = 0.0
    figures: dict[str, Any] = {}  # noqa: RUF012 (never changed)


class Checkpoints:
    """The last two checkpoints of one call of ``train``: two files, of which the older one is replaced.

    Parameters
    ----------
    folder : str or os.PathLike
    train_count : int
        The model's: how many calls of ``train`` were before. Each has its own files.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Checkpoints(folder, 0).save({"epoch": 3}, {"vectors": np.ones((2, 4), np.float32)})
    ...     state, path = Checkpoints(folder, 0).load()
    ...     print(state["epoch"], os.listdir(folder))
    3 ['train-0.0.npz']

    """

    def __init__(self, folder: str | os.PathLike, train_count: int) -> None:
        self.folder = Path(folder)
        self.paths = [self.folder / f"train-{train_count}.{which}.npz" for which in (0, 1)]
        self.saved = 0

    def save(self, state: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """Write a checkpoint, whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written, for example because the disk is full. The one before it stays.
        """
        path = self.paths[self.saved % 2]
        text = as_json(state | {"saved": self.saved})

        def write(target: str) -> None:
            np.savez(target, state=np.frombuffer(text.encode(), np.uint8), **arrays)  # type: ignore[arg-type]

        try:
            write_whole(path, write)
        except OSError as error:
            raise OSError(error.errno, f"cannot write checkpoint {path}: {error.strerror or error}") from error
        self.saved += 1

    def load(self) -> tuple[dict[str, Any], Path] | None:
        """Find the newest whole checkpoint.

        Returns
        -------
        (dict, pathlib.Path) or None
            Its state and its file; None where there are no files.

        Raises
        ------
        ValueError
            If there are files and none is whole.
        """
        for unfinished in self.folder.glob(f".{self.paths[0].stem[:-1]}*"):  # of a process that was killed
            shutil.rmtree(unfinished, ignore_errors=True)
        found, broken = [], []
        for path in self.paths:
            if path.exists():
                try:
                    state = state_of(path)
                    found.append((state["saved"], state, path))
                except Exception as error:  # zipfile and numpy raise all kinds when a file is damaged
                    broken.append(f"{path} ({type(error).__name__}: {error})")
        if broken and not found:
            raise ValueError(f"no whole checkpoint, remove the broken to train from the start: {', '.join(broken)}")
        if not found:
            return None
        saved, state, path = max(found, key=lambda checkpoint: checkpoint[0])
        for file in broken:
            logger.warning("broken checkpoint %s: going on from the other, %s", file, path)
        self.saved = saved + 1
        return state, path


def as_json(state: dict[str, Any]) -> str:
    """Write a dict as JSON, numpy's numbers as plain ones."""
    return json.dumps(state, default=lambda number: number.item())


def state_of(path: Path) -> dict[str, Any]:
    """Read a checkpoint's state; raises an exception of any kind unless the whole file is sound."""
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise zipfile.BadZipFile(f"wrong checksum of {damaged}")
    with np.load(path, allow_pickle=False) as arrays:
        return json.loads(arrays["state"].tobytes())


class CheckpointedTraining(StepCallback):
    """One call of ``train`` with checkpoints: a callback of gensim's that stands for those of the caller.

    Those are not called for the epochs that were done before.

    Parameters
    ----------
    folder : str or os.PathLike
    callbacks : iterable of gensim.models.callbacks.CallbackAny2Vec
    **totals
        What ``train`` was given for the corpus: the learning rate depends on it.

    Attributes
    ----------
    epoch, position : int and Position
        Where the training starts, or goes on.
    counts : list of (int, int, int)
        For each epoch done, what ``Word2Vec._train_epoch`` returned.
    """

    def __init__(self, folder: str | os.PathLike, callbacks: Iterable[CallbackAny2Vec], **totals: int | None) -> None:
        self.folder = folder
        self.callbacks = list(callbacks)
        self.totals = totals
        self.epoch = self.epochs_ended = 0
        self.position = Position()
        self.counts: list[tuple[int, int, int]] = []

    def on_train_begin(self, model: Word2Vec) -> None:
        """Go on from the newest checkpoint, if there is one."""
        os.makedirs(self.folder, exist_ok=True)
        self.checkpoints = Checkpoints(self.folder, model.train_count)
        # as JSON gives them back
        self.arguments = json.loads(as_json({name: getattr(model, name) for name in ARGUMENTS} | self.totals))
        self.words = "\n".join(repr(str(word) if isinstance(word, str) else word) for word in model.wv.index_to_key)
        self.initial = checksums(model)
        workers = distribution.workers()
        if workers.place.worker == 0 and (found := self.checkpoints.load()) is not None:
            self.resume(model, *found)
        if workers.place.workers > 1:
            self.follow_first(model, workers)
        self.saved_at = default_timer()
        for callback in self.callbacks:
            callback.on_train_begin(model)

    def resume(self, model: Word2Vec, state: dict[str, Any], path: Path) -> None:
        """Put a checkpoint into the model.

        Raises
        ------
        ValueError
            If it is of a training with other arguments, another corpus or other initial weights.
        """
        with np.load(path, allow_pickle=False) as arrays:
            saved = {name: arrays[name] for name in arrays.files}
        differences = [
            f"{name} is {state['arguments'].get(name)!r} in the checkpoint, {given!r} was given"
            for name, given in self.arguments.items()
            if state["arguments"].get(name) != given
        ]
        before, given = (
            [f"{word} ({count} times)" for word, count in zip(text.split("\n"), counts.tolist(), strict=True)]
            for text, counts in (
                (saved["words"].tobytes().decode("utf-8"), saved["count"]),
                (self.words, model.wv.expandos["count"]),
            )
        )
        if before != given:
            row = next((i for i, (a, b) in enumerate(zip(before, given, strict=False)) if a != b), None)
            differences.append(
                f"the vocabulary has {len(before)} words in the checkpoint, {len(given)} were given"
                if row is None
                else f"word {row} of the vocabulary is {before[row]} in the checkpoint, {given[row]} was given"
            )
        if not differences:
            weights = {name: saved[name] for name in ("vectors", "syn1neg") if name in saved}
            differences = [
                f"{name} has shape {array.shape} in the checkpoint, {model.wv.vectors.shape} was given"
                for name, array in weights.items()
                if array.shape != model.wv.vectors.shape
            ]
            # a training that was interrupted may go on in the same process: the model has the checkpoint's weights
            if self.initial not in (state["initial"], self.initial | checksums_of(weights)):
                differences += [
                    f"{name} is not what it was before that training"
                    for name, checksum in state["initial"].items()
                    if self.initial[name] != checksum
                ]
        if differences:
            raise ValueError(f"checkpoint {path} is of another training: {'; '.join(differences)}")
        self.initial = state["initial"]
        self.take(model, state, **weights)
        if self.epoch == model.epochs:
            logger.info("checkpoint %s is of a finished training: its vectors are taken, nothing is trained", path)
        else:
            logger.info(
                "going on from checkpoint %s: epoch %i of %i, %i rounds done",
                path,
                self.epoch + 1,
                model.epochs,
                self.position.rounds,
            )

    def follow_first(self, model: Word2Vec, workers: Any) -> None:
        """Go on where worker 0 does, which alone saves and loads."""
        figures = {name: getattr(model, name) for name in FIGURES}
        state = figures | {"epoch": self.epoch, "counts": self.counts, "position": self.position._asdict()}
        weights = [model.wv.vectors] if model.shared_softmax else [model.wv.vectors, model.syn1neg]
        text, weights = workers.from_first(as_json(state), weights)
        self.take(model, json.loads(text), *weights)

    def take(
        self, model: Word2Vec, state: dict[str, Any], vectors: np.ndarray, syn1neg: np.ndarray | None = None
    ) -> None:
        """Put weights and figures into the model."""
        model.wv.vectors = vectors
        if syn1neg is not None:
            model.syn1neg = syn1neg
        model.wv.norms = None
        for name in FIGURES:
            setattr(model, name, state[name])
        self.epoch, self.counts = state["epoch"], [tuple(counts) for counts in state["counts"]]
        self.position = Position(**state["position"])

    def save(self, model: Word2Vec, vectors: np.ndarray, softmax: np.ndarray | None, position: Position) -> None:
        """Write a checkpoint of an epoch that has come to this position, with its weights: worker 0 does."""
        if distribution.Place.from_environment().worker:
            return
        state = {name: getattr(model, name) for name in FIGURES} | {
            "arguments": self.arguments,
            "initial": self.initial,
            "epoch": len(self.counts),
            "counts": self.counts,
            "position": position._asdict(),
        }
        arrays = {
            "vectors": vectors,
            "words": np.frombuffer(self.words.encode("utf-8"), np.uint8),
            "count": model.wv.expandos["count"],
        }
        with uninterrupted():
            self.checkpoints.save(state, arrays if softmax is None else arrays | {"syn1neg": softmax})
            self.saved_at = default_timer()

    def is_due(self) -> bool:
        """Whether the last checkpoint is old."""
        return default_timer() - self.saved_at >= 60 * CHECKPOINT_MINUTES

    def on_epoch_begin(self, model: Word2Vec) -> None:
        """Call the caller's callbacks, unless the epoch was done before."""
        if self.epochs_ended >= self.epoch:
            for callback in self.callbacks:
                callback.on_epoch_begin(model)

    def on_step_end(self, model: Word2Vec, figures: dict[str, Any]) -> None:
        """Call those of the caller's callbacks that want to know."""
        for callback in self.callbacks:
            if isinstance(callback, StepCallback):
                callback.on_step_end(model, figures)

    def on_epoch_end(self, model: Word2Vec) -> None:
        """Call the caller's callbacks and write a checkpoint, unless the epoch was done before."""
        self.epochs_ended += 1
        if self.epochs_ended > self.epoch:
            for callback in self.callbacks:
                callback.on_epoch_end(model)
            self.save(model, model.wv.vectors, None if model.shared_softmax else model.syn1neg, Position())

    def on_train_end(self, model: Word2Vec) -> None:
        """Call the caller's callbacks."""
        for callback in self.callbacks:
            callback.on_train_end(model)


def checksums(model: Word2Vec) -> dict[str, int]:
    """CRC-32 of what a training starts from, beside its arguments."""
    softmax = {} if model.shared_softmax else {"syn1neg": model.syn1neg}
    return checksums_of({"vectors": model.wv.vectors, "vectors_lockf": model.wv.vectors_lockf} | softmax)


def checksums_of(arrays: dict[str, np.ndarray]) -> dict[str, int]:
    """CRC-32 of each array's values."""
    return {name: zlib.crc32(np.ascontiguousarray(array).data) for name, array in arrays.items()}
