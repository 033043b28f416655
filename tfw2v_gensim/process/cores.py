"""How many processor cores this process may use."""

from __future__ import annotations

import contextlib
import math
import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def cores() -> int:
    """Count the processor cores that this process may use: a container's or a batch job's share of the machine."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(allowed, quota())))


def quota(folder: Path = CGROUPS) -> float:
    """Return how many cores' time a container may take: infinitely many without a limit.

    ``docker --cpus`` and Kubernetes set it, as a time in each period, where Linux shows it: in ``cpu.max`` for control
    groups of version 2, in two files for those of version 1.
    """
    with contextlib.suppress(OSError, ValueError):
        time, period = (folder / "cpu.max").read_text().split()
        return math.inf if time == "max" else int(time) / int(period)
    with contextlib.suppress(OSError, ValueError):
        time, period = ((folder / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return int(time) / int(period) if int(time) > 0 else math.inf
    return math.inf
