"""What a paired t-test over seeds can see: its power, and how many seeds it takes.

Under a true difference δ the statistic of n paired differences with standard deviation σ has the
noncentral t-distribution with n − 1 degrees of freedom and noncentrality δ √n / σ.
"""

import math

from scipy import optimize, stats

#: What is asked of a test unless said otherwise: to find a difference in four of five experiments,
#: and one that is not there in one of twenty.
POWER, LEVEL = 0.8, 0.05

#: No experiment has more seeds; a difference that takes more is out of reach.
MOST_SEEDS = 1_000_000


def power(difference: float, spread: float, seeds: int, level: float = LEVEL) -> float:
    """Return the probability that the two-sided test finds a true difference.

    Args:
        difference: the true mean of the differences.
        spread: the standard deviation of the differences.
        seeds: how many there are.
        level: the probability of finding one where there is none.

    Returns:
        The power; NaN with fewer than two seeds or without a positive spread.
    """
    if seeds < 2 or not spread > 0:
        return math.nan
    return _power(abs(difference) / spread, seeds, level)


def least_difference(
    spread: float, seeds: int, level: float = LEVEL, wanted: float = POWER
) -> float:
    """Return the smallest true difference that the test finds with the wanted power.

    Args:
        spread: the standard deviation of the differences.
        seeds: how many there are.
        level: as in `power`.
        wanted: the power.

    Returns:
        The difference in the spread's unit; NaN with fewer than two seeds or without a positive
        spread.
    """
    if seeds < 2 or not spread > 0:
        return math.nan

    def missing(effect: float) -> float:
        return _power(effect, seeds, level) - wanted

    high = 1.0
    while missing(high) < 0:
        high *= 2
    return spread * float(optimize.brentq(missing, 0.0, high, rtol=1e-10))


def seeds_needed(
    difference: float, spread: float, level: float = LEVEL, wanted: float = POWER
) -> int | None:
    """Return the smallest number of seeds with which the test finds a true difference.

    Args:
        difference: the true mean of the differences, not 0.
        spread: the standard deviation of the differences, positive.
        level: as in `power`.
        wanted: the power.

    Returns:
        The number, None if it is above `MOST_SEEDS`.
    """
    effect = abs(difference) / spread
    low, high = 1, 2  # the power at `low` is too small
    while _power(effect, high, level) < wanted:
        if high > MOST_SEEDS:
            return None
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _power(effect, middle, level) >= wanted else (middle, high)
    return high


def _power(effect: float, seeds: int, level: float) -> float:
    critical = float(stats.t.isf(level / 2, seeds - 1))
    shift = effect * math.sqrt(seeds)
    # The far tail is lost in rounding long before it counts, and SciPy may return NaN for it.
    far = float(stats.nct.cdf(-critical, seeds - 1, shift)) if shift < 5 else 0.0
    near = float(stats.nct.sf(critical, seeds - 1, shift)) if shift < 1000 else 1.0
    return near + far
