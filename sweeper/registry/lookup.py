"""From the dotted name of a function or class to itself, imported when it is first needed."""

from importlib import import_module
from typing import Any


def resolve(path: str) -> Any:
    """Return what ``package.module:name`` stands for.

    Raises:
        ImportError: there is no such module, or nothing of this name in it.
    """
    module, _, name = path.partition(":")
    try:
        return getattr(import_module(module), name)
    except AttributeError:
        raise ImportError(f"there is no {name!r} in {module}") from None
