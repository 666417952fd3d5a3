"""What a setting is judged by, each as a score of which more is better."""

import numpy as np
from numpy.typing import NDArray

#: Objectives that are shares from 0 to 1, of which more is better.
SHARES = ("accuracy", "retrieval")

OBJECTIVES = (*SHARES, "compactness")

#: Below it a compactness is nothing but rounding; its logarithm would outweigh all others.
LEAST_COMPACTNESS = 1e-6


def score(objective: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values of an objective as scores: shares as they are, compactness as -ln.

    A compactness is a ratio of lengths, so that its logarithm makes 'ten per cent less' the same
    gain on every task: a gain of 0.1 is a compactness smaller by about ten per cent.
    """
    if objective in SHARES:
        return values
    return -np.log(np.maximum(values, LEAST_COMPACTNESS))


def score_of(objective: str, value: float) -> float:
    """Return one value as a score, see `score`."""
    return float(score(objective, np.array([value]))[0])


def shown(objective: str, *gains: float) -> str:
    """Write a gain, or the ends of an interval: ``+1.2 points``, ``+0.3 to +2.1 points``.

    Of compactness the gain is shown as how much less it is, in percent; positive is better.
    """
    numbers = in_unit(objective, np.array(gains))
    if objective in SHARES:
        return f"{' to '.join(f'{number:+.1f}' for number in numbers)} points"
    return f"{' to '.join(f'{number:+.0f}' for number in numbers)} %"


def in_unit(objective: str, gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return gains as `shown` writes them: in points, or in percent less of compactness."""
    return 100 * gains if objective in SHARES else 100 * (1 - np.exp(-gains))


def regret_shown(objective: str, regret: float) -> str:
    """Write a regret or its standard error: ``1.2 points``; of compactness in percent."""
    if objective in SHARES:
        return f"{100 * regret:.1f} points"
    return f"{100 * (np.exp(regret) - 1):.0f} %"
