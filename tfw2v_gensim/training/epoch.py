"""One epoch: rounds are built ahead, trained, and watched. Knows arrays, no model."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from timeit import default_timer
from typing import Any

import numpy as np

from tfw2v_gensim.process.interruption import uninterrupted
from tfw2v_gensim.training import losses
from tfw2v_gensim.training.blocks import BlockBuilder
from tfw2v_gensim.training.machines import Machines
from tfw2v_gensim.training.plan import Plan, Settings, plan_of
from tfw2v_gensim.training.position import EpochInfo, Position, Watcher
from tfw2v_gensim.training.rates import HIGHEST_ALPHA
from tfw2v_gensim.training.replicas import Trainer
from tfw2v_gensim.training.side_by_side import SideBySide
from tfw2v_gensim.training.weights import Weights

logger = logging.getLogger(__name__)

Slabs = Callable[[int], Iterator[tuple[np.ndarray, np.ndarray]]]

# Rows whose values are looked at together: numpy makes an array of the answers, and for all of them that takes long
ROWS_CHECKED = 1 << 12

# Held by an epoch whose code no two threads may run at once, see Objective.one_at_a_time
_alone = threading.Lock()

# A loss this many times that of guessing among the candidates means that training has diverged
DIVERGED = 10.0


def check_convergence(
    mean_loss: float, candidates: int, epoch: int, alpha: float, matrices: Iterable[np.ndarray] = ()
) -> None:
    """Raise a FloatingPointError if training diverges.

    Parameters
    ----------
    mean_loss : float
        Loss per example, in nats.
    candidates : int
        Noise words among which the true word was to be told.
    epoch, alpha
        For the message.
    matrices : iterable of numpy.ndarray
        What was trained: no value may be infinite, or none at all.

    Examples
    --------
    >>> check_convergence(2.0, 32, 0, 0.025)
    >>> check_convergence(2000.0, 32, 0, 0.5)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    FloatingPointError: training diverged in epoch 0 (mean loss 2e+03 nats): alpha=0.5 is too high, use a smaller ...

    """
    parts = (matrix[row : row + ROWS_CHECKED] for matrix in matrices for row in range(0, len(matrix), ROWS_CHECKED))
    finite = all(np.isfinite(part).all() for part in parts)
    if not finite or not mean_loss < DIVERGED * math.log(1 + candidates):
        raise FloatingPointError(
            f"training diverged in epoch {epoch} (mean loss {mean_loss:.3g} nats): alpha={alpha:g} is too "
            f"high, use a smaller alpha. The vectors are those from before this epoch."
        )


def trainer_of(
    settings: Settings, weights: Weights, plan: Plan, machines: Machines, threads: int | None
) -> Trainer | SideBySide:
    """Return what trains rounds: all replicas side by side on one GPU, else each on a thread of its own."""
    loss = getattr(losses, settings.loss)
    of_plan: dict[str, Any] = {name: getattr(plan, name) for name in ("corrections", "pull", "distance_weights")}
    if machines.rank.workers == 1 and len(machines.devices) == 1:
        return SideBySide(*weights, settings.sg, settings.cbow_mean, loss, device=machines.devices[0], **of_plan)
    return Trainer(
        *weights, settings.sg, settings.cbow_mean, plan.shape.replicas, loss, machines=machines,
        threads=1 if settings.objective.one_at_a_time else threads, **of_plan,
    )  # fmt: skip


class Epoch:
    """One pass over a corpus; to be entered, run, and left.

    Parameters
    ----------
    settings : tfw2v_gensim.training.plan.Settings
    weights : tfw2v_gensim.training.weights.Weights
    slabs : callable
        Given how many words, an iterator of slabs of about that many, this machine's share of the corpus: see
        :func:`tfw2v_gensim.text.encoding.slabs_of`.
    alpha_at : callable
        Learning rate on gensim's scale, given the share of the epoch that is done.
    epoch_info : tfw2v_gensim.training.position.EpochInfo
    position : tfw2v_gensim.training.position.Position
        Where the epoch begins: after a checkpoint, not at its start.
    watchers : list of tfw2v_gensim.training.position.Watcher
    machines : tfw2v_gensim.training.machines.Machines
    threads : int, optional
        Replicas that train at once, at the most; by default as many as the process may use cores.
    is_first : bool
        Whether to say in the log how the epoch is laid out: the others of a training are like it.

    Attributes
    ----------
    position : tfw2v_gensim.training.position.Position
        Where the epoch is, after every round.
    """

    def __init__(
        self, settings: Settings, weights: Weights, slabs: Slabs, alpha_at: Callable[[float], float],
        epoch_info: EpochInfo, position: Position, watchers: Sequence[Watcher], machines: Machines,
        threads: int | None = None, is_first: bool = False,
    ) -> None:  # fmt: skip
        self.is_first = is_first
        self.settings, self.alpha_at, self.epoch_info = settings, alpha_at, epoch_info
        self.position, self.watchers, self.machines = position, watchers, machines
        self.started = default_timer() - position.seconds
        self.plan = plan_of(settings, machines.rank.workers, epoch_info.progress)
        if is_first and settings.alpha > HIGHEST_ALPHA:
            logger.warning("alpha=%g is above the highest rate, %g, which is taken", settings.alpha, HIGHEST_ALPHA)
        which = [machines.rank.worker] if machines.rank.worker else []
        self.rounds = BlockBuilder(
            settings.sample_int, settings.trained_int, settings.window
        ).rounds(
            slabs(self.plan.slab_words), self.plan.shape, self.plan.noise,
            # every draw comes from the seed, the epoch's place, and which machine this is
            np.random.default_rng([settings.seed, settings.train_count, epoch_info.epoch, *which]),
        )  # fmt: skip
        self.builder = ThreadPoolExecutor(1, "blocks")
        self.upcoming = self.builder.submit(self._first_round)  # built while the weights are copied
        self.trainer = trainer_of(settings, weights, self.plan, machines, threads)

    def __enter__(self) -> Epoch:
        self.trainer.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.builder.shutdown()
        self.trainer.__exit__(*exception)

    @property
    def seconds(self) -> float:
        """Time since the epoch began."""
        return default_timer() - self.started

    def run(self) -> None:
        """Train all rounds that are left; watchers are told after each."""
        try:
            while (current := self.machines.next_round(self.upcoming.result())) is not None:
                self.upcoming = self.builder.submit(next, self.rounds, None)  # built while the current one is trained
                with uninterrupted(), _alone if self.settings.objective.one_at_a_time else contextlib.nullcontext():
                    self._train(current)
                if self.is_first:
                    self.is_first = False
                    logger.info("training with %s", self._layout())
                for watcher in self.watchers:
                    watcher.after_round(self.position, self.trainer.matrices)
        finally:
            for watcher in self.watchers:
                watcher.close()

    def _layout(self):
        """Say what was decided for the epoch."""
        shape, trainer = self.plan.shape, self.trainer
        return (
            f"{shape.replicas} replicas on {trainer.at_once} threads, blocks of {shape.streams} x {shape.length} words "
            f"({shape.blocks} between two merges), {shape.noise} noise words an example, "
            f"prior {self.settings.prior:g}; code: {trainer.code}"
        )

    def _first_round(self):
        for skipped in islice(self.rounds, self.position.rounds):  # those before a checkpoint are only drawn
            self.machines.skip(skipped)
        return next(self.rounds, None)

    def trained_matrices(self) -> dict[str, np.ndarray]:
        """Return the matrices after the last round, once, if the epoch has not diverged."""
        matrices = self.trainer.last_matrices()
        self._check_convergence(self.position.mean_loss, *matrices.values())
        return matrices

    def _check_convergence(self, mean_loss, *matrices):
        check_convergence(mean_loss, self.plan.shape.noise, self.epoch_info.epoch, self.settings.alpha, matrices)

    def _train(self, current):
        """Train a round, and take down where the epoch stands then, over all machines."""
        done = self.epoch_info.share(current.sentences_before, current.words_before) * self.machines.rank.workers
        alphas = [[min(self.alpha_at(share), HIGHEST_ALPHA) for share in row] for row in done]
        rates = self.plan.rate_per_alpha * np.array(alphas, np.float32)
        examples = current.examples(self.plan.distance_weights if self.settings.sg else None)
        loss, *counts = self.machines.sum_scalars(
            self.trainer.train(current, rates), examples, current.sentences, current.words, current.kept_words
        )
        self._check_convergence(loss / max(counts[0], 1))
        self.position = self.position.after(self.epoch_info.epoch, loss, *counts, self.seconds, alphas[-1][-1])
