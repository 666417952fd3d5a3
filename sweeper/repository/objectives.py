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


def shown(objective: str, *gains: float) -> str:
    """Write a gain, or the ends of an interval: ``+1.2 points``, ``+0.3 to +2.1 points``.

    Of compactness the gain is shown as how much less it is, in percent; positive is better.
    """
    if objective in SHARES:
        return f"{' to '.join(f'{100 * gain:+.1f}' for gain in gains)} points"
    return f"{' to '.join(f'{100 * (1 - np.exp(-gain)):+.0f}' for gain in gains)} %"
