"""Finds the right margin and scale for margin losses, by search and by memory."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.api import recommend
    from sweeper.study.suggest_margins import suggest_margins

__version__ = "0.1.0"

__all__ = ["__version__", "recommend", "suggest_margins"]

#: Where the functions stand, which are imported when they are asked for: they bring torch along.
_PLACES = {"recommend": "sweeper.api", "suggest_margins": "sweeper.study.suggest_margins"}


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
