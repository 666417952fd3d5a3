"""The ranges of margins and scale, where the user names none."""

from collections.abc import Iterable
from typing import Any

from sweeper.registry.hyperparameters import TERMS, term_names
from sweeper.registry.setting import LOSSES

#: λ of every term, and both of the git loss.
LAMBDAS = [name for term in TERMS for name in term_names(term) if ".lambda" in name]

#: What is searched on a data set that comes without a study file, where the loss has it.
SPACE: dict[str, dict[str, Any]] = {
    "m1": {"low": 0.9, "high": 1.5},
    "m2": {"low": -0.2, "high": 0.8},
    "m3": {"low": -0.2, "high": 0.5},
    "scale": {"low": 2.0, "high": 128.0, "log": True},
    # Of triplets: squared distances of unit-length embeddings, which are 2 at a right angle.
    "margin": {"low": 0.02, "high": 1.0, "log": True},
    # Wide, since a term's size depends on that of the embeddings.
    **{name: {"low": 1e-4, "high": 10.0, "log": True} for name in LAMBDAS},
}
#: The same for the grid sampler, which needs points.
GRID: dict[str, dict[str, Any]] = {
    "m1": {"choices": [0.9, 1.0, 1.2, 1.5]},
    "m2": {"choices": [-0.2, 0.0, 0.2, 0.4, 0.6, 0.8]},
    "m3": {"choices": [-0.2, 0.0, 0.15, 0.35, 0.5]},
    "scale": {"choices": [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]},
    "margin": {"choices": [0.05, 0.1, 0.2, 0.5, 1.0]},
    **{name: {"choices": [1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0]} for name in LAMBDAS},
}

#: What of `SPACE` and of `GRID` a loss has otherwise.
_SPACE_OF: dict[str, dict[str, dict[str, Any]]] = {
    # Annealed and scaled by ‖x‖ it trains at factors that no fixed scale does: Liu et al. 2017
    # compare 1 to 4.
    "a-softmax": {"m1": {"low": 1.0, "high": 4.0}},
    # Of distances, not of their squares: these reach 2, and the published margin is 1.
    "contrastive": {"margin": {"low": 0.1, "high": 2.0, "log": True}},
}
_GRID_OF: dict[str, dict[str, dict[str, Any]]] = {
    "a-softmax": {"m1": {"choices": [1.0, 1.5, 2.0, 3.0, 4.0]}},
    "contrastive": {"margin": {"choices": [0.1, 0.2, 0.5, 1.0, 1.5, 2.0]}},
}


def default_space(loss: str, beside: Iterable[str], grid: bool = False) -> dict[str, Any]:
    """Return what is searched of a loss and the terms beside it: all margins, its scale, each λ.

    Args:
        loss: its name.
        beside: the names of the terms.
        grid: gives points in place of ranges.
    """
    usual, other = (GRID, _GRID_OF) if grid else (SPACE, _SPACE_OF)
    known = usual | other.get(loss, {})
    lambdas = (name for term in beside for name in term_names(term) if name in known)
    return {name: known[name] for name in (*LOSSES[loss], *lambdas)}
