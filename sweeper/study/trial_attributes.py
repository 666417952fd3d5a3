"""What is kept of a trial as attributes of Optuna's: who proposed it, and what its seeds have."""

from collections.abc import Sequence

import numpy as np
from optuna.trial import FrozenTrial

from sweeper.repository.objectives import score
from sweeper.repository.surrogates.coordinates import FloatArray

#: The attribute of a trial that no sampler proposed: who did.
PROPOSED_BY = "proposed by"


def at_end(objective: str) -> str:
    """Return the attribute with the values of each seed at the end of a trial: a list."""
    return f"{objective} of each seed"


def at_rungs(objective: str) -> str:
    """Return the attribute with those at its rungs: lists by the epoch, which is a text in JSON."""
    return f"{objective} of each seed at rungs"


def final_scores(trial: FrozenTrial, objective: str) -> FloatArray | None:
    """Return the scores of each seed ``[R]`` at the end of a trial, None if one is missing."""
    return _scores(trial.user_attrs.get(at_end(objective), ()), objective)


def rung_scores(trial: FrozenTrial, objective: str, epoch: int) -> FloatArray | None:
    """Return the scores of each seed ``[R]`` at a rung of a trial, None if it was not reported."""
    return _scores(trial.user_attrs.get(at_rungs(objective), {}).get(str(epoch), ()), objective)


def _scores(values: Sequence[float | None], objective: str) -> FloatArray | None:
    if not values or None in values:
        return None
    return score(objective, np.array(values, dtype=float))
