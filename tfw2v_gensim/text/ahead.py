"""What comes next is worked on by another thread, while what came last is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def mapped_ahead(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Map as ``map`` does, one item ahead: on a thread, while the result before is used.

    Only the function runs there. The items come on the caller's thread, which can be interrupted where it waits for a
    file. Worth it where the function and the use let go of Python's lock, as numpy does in loops over arrays.

    Examples
    --------
    >>> [*mapped_ahead(abs, [-1, 2, -3])]
    [1, 2, 3]

    """
    with ThreadPoolExecutor(1, "ahead") as thread:
        upcoming: Future[Result] | None = None
        for item in items:
            current, upcoming = upcoming, thread.submit(function, item)
            if current is not None:
                yield current.result()
        if upcoming is not None:
            yield upcoming.result()
