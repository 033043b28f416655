"""What comes next is made on another thread, while what came last is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def made_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Give items, none of which is None, as they come: each is made on a thread while the one before is used.

    Worth it where making and using let go of Python's lock, as numpy does in loops over arrays.

    Examples
    --------
    >>> [*made_ahead(number**2 for number in range(4))]
    [0, 1, 4, 9]

    """
    coming = iter(items)
    with ThreadPoolExecutor(1, "ahead") as thread:
        upcoming = thread.submit(next, coming, None)
        while (item := upcoming.result()) is not None:
            upcoming = thread.submit(next, coming, None)
            yield item
