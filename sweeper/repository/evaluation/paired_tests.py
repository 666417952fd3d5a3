"""Means over sources, and comparisons that are paired over them."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from sweeper.repository.surrogates.design_matrix import FloatArray

#: A regression is better where the p-value is below: about one standard error. The rival being the
#: best of a dozen in hindsight, that is strict: of 270 simulated repositories with nothing to gain
#: from the tasks' differences, two had a regression taken for better.
SIGNIFICANCE = 0.16


@dataclass(frozen=True)
class Mean:
    """A mean over sources and its standard error, NaN for one source."""

    mean: float
    se: float


def mean_over_sources(values: FloatArray) -> Mean:
    """Return mean and standard error of one value a source, ``[sources]``."""
    number = len(values)
    se = float(np.std(values, ddof=1) / np.sqrt(number)) if number > 1 else float("nan")
    return Mean(float(np.mean(values)), se)


def probability_no_better(regret: FloatArray, rival: FloatArray) -> float:
    """Return the one-sided p-value of a paired t-test that a regret is less than a rival's.

    Args:
        regret: one value a source, ``[sources]``.
        rival: likewise.

    Returns:
        The p-value; 1 where the two never differ.
    """
    gained = mean_over_sources(rival - regret)
    if not gained.se > 0:
        return 0.0 if gained.mean > 0 and gained.se == 0 else 1.0
    return float(t.sf(gained.mean / gained.se, len(regret) - 1))


def by_source(values: FloatArray, source: FloatArray) -> FloatArray:
    """Return the mean over each source's tasks, ``[.., sources]``, of values ``[.., tasks]``."""
    names = np.unique(source)
    return np.stack([values[..., source == name].mean(-1) for name in names], axis=-1)
