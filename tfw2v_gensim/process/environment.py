"""Environment variables that are set while somebody reads them, and then are what they were."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def set_to(name: str, value: str | None) -> Iterator[None]:
    """Set an environment variable, and take it back at the end of the block; None leaves it as it is.

    Where somebody else has set it within the block, that stands.

    Examples
    --------
    >>> with set_to("TFW2V_EXAMPLE", "1"):
    ...     print(os.environ["TFW2V_EXAMPLE"])
    1
    >>> "TFW2V_EXAMPLE" in os.environ
    False

    """
    if value is None:
        yield
        return
    former = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if os.environ.get(name) == value:
            del os.environ[name]
            if former is not None:
                os.environ[name] = former
