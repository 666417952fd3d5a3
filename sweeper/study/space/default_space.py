"""The ranges of margins, scale and learning rate, where the user names none."""

from collections.abc import Iterable
from typing import Any

from sweeper.registry.hyperparameters import OPTIMIZER
from sweeper.registry.losses import LOSSES
from sweeper.registry.terms import TERMS


def default_space(
    loss: str, beside: Iterable[str] = (), grid: bool = False, lr: bool = False
) -> dict[str, Any]:
    """Return what is searched of a loss and the terms beside it: all margins, its scale, each λ.

    Args:
        loss: its name.
        beside: the names of the terms.
        grid: gives points in place of ranges.
        lr: whether the learning rate is searched, too, where anything is.
    """
    searched = dict(LOSSES[loss].margins)
    for term in beside:
        info = TERMS[term]
        searched |= {f"{term}.{name}": info.hyperparameters[name] for name in info.lambdas}
    if lr and searched:
        searched["lr"] = OPTIMIZER["lr"]
    space: dict[str, Any] = {}
    for name, hyperparameter in searched.items():
        if (ends := hyperparameter.search) is None:
            continue
        if grid:
            space[name] = {"choices": list(ends.grid)}
        else:
            log = {"log": True} if ends.log else {}
            space[name] = {"low": ends.low, "high": ends.high, **log}
    return space
