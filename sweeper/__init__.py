"""Finds the right margin and scale for margin losses, by search and by memory.

The public API is `__all__` of this package, `sweeper.losses.__all__` and the command line, with
what they return and print: CHANGELOG.md tells when it changes. Everything else is private to the
project and may change with any version.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.api import recommend, suggest_margins
    from sweeper.client import Client

__version__ = "0.1.0"

__all__ = ["Client", "__version__", "recommend", "suggest_margins"]

#: The module of each name. Imported when it is asked for: `sweeper.api` brings torch along.
_MODULES = {
    "Client": "sweeper.client",
    "recommend": "sweeper.api",
    "suggest_margins": "sweeper.api",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
