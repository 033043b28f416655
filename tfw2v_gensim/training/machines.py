"""The machines that train one model together, as its training sees them: what is shared out, and what is summed.

Here is the machine that trains alone. A cluster's are in :mod:`tfw2v_gensim.distribution`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfw2v_gensim.text.corpora import share_of
from tfw2v_gensim.training.blocks import Round


class Rank(NamedTuple):
    """Which machine of how many one is, in the terms of ``TF_CONFIG``: its tasks are workers.

    Attributes
    ----------
    worker : int
        From 0; worker 0 is the one that saves.
    workers : int
        1 where there is no cluster.
    """

    worker: int = 0
    workers: int = 1


class Machines:
    """The machines that train together, as one of them sees them: here it is the only one.

    Attributes
    ----------
    rank : Rank
        Which of them this one is.
    devices : list of str
        Names of this one's own; empty for TensorFlow's choice.
    """

    rank = Rank()

    def __init__(self, devices: Sequence[str] = ()) -> None:
        self.devices = devices

    def share(self, sentences: Any) -> Iterable[Sequence[str]]:
        """Return the sentences that this machine trains."""
        return share_of(sentences, *self.rank)

    def share_slabs(self, slabs: Iterable[Any]) -> Iterator[Any]:
        """Return those slabs of the whole text that this machine trains."""
        return itertools.islice(slabs, self.rank.worker, None, self.rank.workers)

    def agree(self, arguments: dict[str, Any]) -> None:
        """Make sure that all machines have the same arguments."""

    def next_round(self, current: Round | None) -> Round | None:
        """Return what this machine trains until the next merge, given what is left of its share; None at the end."""
        return current

    def skip(self, skipped: Round) -> None:
        """Pass over a round of this machine's share, which was trained before a checkpoint."""

    def sum_scalars(self, *values: float) -> Sequence[float]:
        """Sum each value over the machines."""
        return values

    def broadcast(self, text: str, matrices: Sequence[np.ndarray]) -> tuple[str, Sequence[np.ndarray]]:
        """Return the text and the matrices of the first machine; those that others give only have the right shapes."""
        return text, matrices

    def sum_arrays(self, *arrays: np.ndarray) -> Sequence[np.ndarray]:
        """Sum each array over the machines."""
        return arrays
