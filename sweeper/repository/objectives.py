"""An objective as a score of which more is better, and how gains in it are written."""

import numpy as np
from numpy.typing import NDArray

from sweeper.console import rounded
from sweeper.registry.objectives import OBJECTIVES, is_share

#: Below it a ratio is nothing but rounding; its logarithm would outweigh all others.
LEAST_RATIO = 1e-6


def score(objective: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values of an objective as scores: shares as they are, ratios as their logarithm.

    A compactness is a ratio of lengths, so that its logarithm makes 'ten per cent less' the same
    gain on every task: a gain of 0.1 is a compactness smaller by about ten per cent. What is to be
    minimized is negative.
    """
    scores = values if is_share(objective) else np.log(np.maximum(values, LEAST_RATIO))
    return scores if OBJECTIVES[objective].maximize else -scores


def score_of(objective: str, value: float) -> float:
    """Return one value as a score, see `score`."""
    return float(score(objective, np.array([value]))[0])


def shown(objective: str, *gains: float) -> str:
    """Write a gain, or the ends of an interval: ``+1.2 points``, ``+0.3 to +2.1 points``, ``0.0``.

    Of compactness the gain is shown as how much less it is, in percent; positive is better.
    """
    numbers = in_unit(objective, np.array(gains))
    ends = " to ".join(rounded(number, f"+.{digits(objective)}f") for number in numbers)
    return f"{ends} {unit_of_gains(objective)}"


def unit_of_gains(objective: str) -> str:
    """Return the unit that `in_unit` gives."""
    return "points" if is_share(objective) else "%"


def digits(objective: str) -> int:
    """Return how many digits a gain is written with."""
    return 1 if is_share(objective) else 0


def in_unit(objective: str, gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return gains as `shown` writes them: in points, or in percent less of a ratio."""
    return 100 * gains if is_share(objective) else 100 * (1 - np.exp(-gains))


def regret_shown(objective: str, regret: float) -> str:
    """Write a regret or its standard error: ``1.2 points``; of a ratio in percent."""
    number = 100 * regret if is_share(objective) else 100 * (np.exp(regret) - 1)
    return f"{rounded(number, f'.{digits(objective)}f')} {unit_of_gains(objective)}"
