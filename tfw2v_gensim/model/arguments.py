"""The arguments of a model: what each may be, as data, and which of them decide the vectors."""

from __future__ import annotations

import math
import os
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from tfw2v_gensim.training.objectives import OBJECTIVES

# What the vectors depend on, beside the corpus. A checkpoint is of no use to a training with others, and the workers of
# a cluster must have the same.
DECIDE_VECTORS = (
    "vector_size", "alpha", "min_alpha", "window", "min_count", "max_vocab_size", "sample", "seed", "sg", "negative",
    "ns_exponent", "cbow_mean", "prior", "epochs", "null_word", "sorted_vocab", "max_final_vocab", "shrink_windows",
    "shared_softmax", "mirrored_share", "mirrored_factor", "negative_sharing", "loss", "corpus_count",
    "corpus_total_words",
)  # fmt: skip


def plain(value: Any) -> Any:
    """Return a number of numpy's, as a table or a sweep gives it, as Python's own; anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


class Number(NamedTuple):
    """A finite number of a kind, with a lowest value or none. As in gensim, 5.0 is an integer, too."""

    kind: Any
    lowest: float | None = None

    def allows(self, value: Any) -> bool:
        """Whether an argument may have this value."""
        value = plain(value)
        is_number = isinstance(value, Real) and math.isfinite(value)
        return (
            is_number and (self.kind is Real or value == int(value)) and (self.lowest is None or value >= self.lowest)
        )

    def __str__(self) -> str:
        number = "an integer" if self.kind is Integral else "a finite number"
        return number + ("" if self.lowest is None else f" of at least {self.lowest}")


class OneOf(NamedTuple):
    """One of a few values, and how an error lists them."""

    values: tuple
    listed: str

    def allows(self, value: Any) -> bool:
        """Whether an argument may have this value."""
        value = plain(value)
        return isinstance(value, (bool, int, str, type(None))) and value in self.values

    def __str__(self) -> str:
        return self.listed


class Folder(NamedTuple):
    """The path of a folder, or None."""

    def allows(self, value: Any) -> bool:
        """Whether an argument may have this value."""
        return isinstance(value, (str, os.PathLike, type(None))) and value != ""

    def __str__(self) -> str:
        return "the path of a folder, or None"


_SWITCH, _CHOICE = OneOf((0, 1), "0 or 1"), OneOf((True, False, None), "True, False or None")

CONSTRAINTS: dict[str, Number | OneOf | Folder] = {
    "vector_size": Number(Integral, 1),
    "window": Number(Integral, 1),
    "min_count": Number(Real),
    "workers": Number(Integral, 1),
    "negative": Number(Integral, 0),
    "negative_sharing": Number(Integral, 1),
    "epochs": Number(Integral, 0),
    "sample": Number(Real, 0),
    "ns_exponent": Number(Real),
    "prior": Number(Real, 0),
    "alpha": Number(Real, 0),
    "min_alpha": Number(Real, 0),
    "sg": Number(Integral),  # as in gensim, all but 0 is skip-gram
    "hs": _SWITCH,
    "cbow_mean": _SWITCH,
    "shared_softmax": _CHOICE,
    "loss": OneOf(tuple(OBJECTIVES), f"one of {', '.join(map(repr, OBJECTIVES))}"),
    "progress": _CHOICE,
    "checkpoint": Folder(),
}


def check(**arguments: Any) -> None:
    """Raise a ValueError that names the first argument which is not what :data:`CONSTRAINTS` says.

    Examples
    --------
    >>> check(window=5, cbow_mean=2)
    Traceback (most recent call last):
    ValueError: cbow_mean must be 0 or 1, got 2

    """
    for name, value in arguments.items():
        if not CONSTRAINTS[name].allows(value):
            raise ValueError(f"{name} must be {CONSTRAINTS[name]}, got {value!r}")


def check_checkpoint(checkpoint: str | os.PathLike | None, hs: int, negative: int) -> None:
    """Raise a ValueError if there are to be checkpoints of gensim's own trainer, which writes none."""
    if checkpoint is not None and (hs or not negative):
        raise ValueError(f"checkpoint must be None with hs=1 and with negative=0, got {checkpoint!r}")
