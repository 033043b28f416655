"""Packages that only some features need: the extras of ``pyproject.toml``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def extra(name: str) -> Iterator[None]:
    """Say, where an import in this block finds no package, which command installs it.

    Parameters
    ----------
    name : str
        The extra that the package belongs to.

    Raises
    ------
    ModuleNotFoundError
        As the import did, with the command in its message.

    Examples
    --------
    >>> with extra("hub"):
    ...     import package_that_is_missing
    Traceback (most recent call last):
    ModuleNotFoundError: package_that_is_missing is not installed: pip install "tfw2v_gensim[hub]"

    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or str(error)).partition(".")[0]
        message = f'{package} is not installed: pip install "tfw2v_gensim[{name}]"'
        raise ModuleNotFoundError(message, name=error.name) from error
