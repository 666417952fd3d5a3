"""Finds the right margin and scale for margin losses, by search and by memory.

The public API is `__all__` of this package, `sweeper.losses.__all__` and the command line, with
what they return and print: CHANGELOG.md tells when it changes. Everything else is private to the
project and may change with any version.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.api import recommend, suggest_margins

__version__ = "0.1.0"

__all__ = ["__version__", "recommend", "suggest_margins"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Imported when it is asked for, since it brings torch along.
    return getattr(import_module("sweeper.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
