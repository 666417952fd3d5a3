"""Means over sources, and paired tests over sources."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from sweeper.repository.surrogates.coordinates import FloatArray

#: The surrogate counts as better if the p-value is below this, about one standard error. This is
#: strict, because the compared baseline is the best of a dozen in hindsight: in 270 simulated
#: repositories in which tasks do not differ, the surrogate counted as better twice.
SIGNIFICANCE = 0.16


@dataclass(frozen=True)
class Mean:
    """A mean over sources and its standard error, NaN for one source."""

    mean: float
    se: float


def mean_over_sources(values: FloatArray) -> Mean:
    """Return mean and standard error of one value per source, ``[sources]``."""
    number = len(values)
    se = float(np.std(values, ddof=1) / np.sqrt(number)) if number > 1 else float("nan")
    return Mean(float(np.mean(values)), se)


def probability_no_better(regret: FloatArray, baseline: FloatArray) -> float:
    """Return the one-sided p-value of a paired t-test for a lower regret than a baseline's.

    Args:
        regret: one value per source, ``[sources]``.
        baseline: likewise.

    Returns:
        The p-value, 1 if the two never differ.
    """
    difference = mean_over_sources(baseline - regret)
    if not difference.se > 0:
        return 0.0 if difference.mean > 0 and difference.se == 0 else 1.0
    return float(stdtr(len(regret) - 1, -difference.mean / difference.se))


def by_source(values: FloatArray, source: FloatArray) -> FloatArray:
    """Return the mean over each source's tasks, ``[.., sources]``, of values ``[.., tasks]``."""
    names = np.unique(source)
    return np.stack([values[..., source == name].mean(-1) for name in names], axis=-1)
