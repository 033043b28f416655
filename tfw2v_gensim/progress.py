"""The progress bar of a training."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return "IPKernelApp" in getattr(shell, "config", ())


class ProgressBar:
    """One epoch's part of the bar that spans a whole training; nothing is printed where it is off.

    Parameters
    ----------
    show : bool or None
        None shows the bar where somebody may be watching: standard error is a terminal, or this is a notebook.
    epoch, epochs : int
        The epoch, from 0, and how many there are.

    Examples
    --------
    >>> with ProgressBar(False, epoch=0, epochs=5) as bar:
    ...     bar.update(0.5, {"words_per_second": 1e6, "loss": 2.5, "alpha": 0.02})

    """

    def __init__(self, show: bool | None, epoch: int, epochs: int) -> None:
        if show is None and in_notebook():
            show = True
        self.epoch = epoch
        self.bar = tqdm(
            desc=f"epoch {epoch + 1}/{epochs}",
            total=epochs,
            initial=epoch,
            disable=None if show is None else not show,  # None: off unless standard error is a terminal
            leave=epoch + 1 == epochs,
            smoothing=0,
            dynamic_ncols=True,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {remaining} left{postfix}",
        )

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *exception: object) -> None:
        self.bar.close()

    def update(self, share: float, figures: dict[str, Any]) -> None:
        """Advance to this share of the epoch, and show the step's words/s, loss and rate."""
        self.bar.set_postfix_str(
            f"{tqdm.format_sizeof(figures['words_per_second'])} words/s, "
            f"loss {figures['loss']:.3f}, alpha {figures['alpha']:.4f}",
            refresh=False,
        )
        self.bar.update(self.epoch + min(share, 1.0) - self.bar.n)
