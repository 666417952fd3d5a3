"""Spellings of before, for what was written with them: study files, options, files of results."""

from collections.abc import Mapping
from typing import Any

#: Losses, terms and options of them by what they were called; every one of them is still read.
_FORMER = {
    "normalised-softmax": "normalized-softmax",
    "soft-nearest-neighbour": "soft-nearest-neighbor",
    "subcentres": "subcenters",
    "n_neighbours": "n_neighbors",
}


def current_name(name: str) -> str:
    """Return what a loss, a term or a hyperparameter is called now: ``sigma2r.n_neighbors``."""
    return ".".join(_FORMER.get(part, part) for part in name.split("."))


def current_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by hyperparameter under the names of now.

    Raises:
        ValueError: one has both its names.
    """
    for name in values:
        current = current_name(name)
        if current != name and current in values:
            raise ValueError(f"{name} is what {current} was called; give one of them")
    return {current_name(name): value for name, value in values.items()}
