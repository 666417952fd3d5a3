"""Differences of two settings, seed by seed, with a paired t-test."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from scipy import stats

#: Differences that vary by less than this, relative to the values, count as equal: values are
#: float32.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Paired:
    """Differences seed by seed. Whatever cannot be computed is NaN.

    Attributes:
        mean: of the differences.
        low: the lower end of their 95 % t-interval.
        high: the upper end.
        p: of the paired t-test, two-sided; NaN where all differences are the same.
        spread: their sample standard deviation.
        seeds: how many were compared.
        left_out: the seeds without a finite value on one side.
    """

    mean: float
    low: float
    high: float
    p: float
    spread: float
    seeds: int
    left_out: tuple[int, ...]

    @property
    def exceeds_noise(self) -> bool:
        """Whether the interval leaves out 0; never where no test is possible."""
        return not math.isnan(self.p) and (self.low > 0 or self.high < 0)


def paired(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Paired:
    """Compare two settings' values by seed: ours minus theirs.

    Args:
        ours: values by seed.
        theirs: likewise. Seeds that are missing or not finite on either side are left out.
    """
    every = sorted(ours.keys() | theirs.keys())
    pairs = {seed: (ours.get(seed, math.nan), theirs.get(seed, math.nan)) for seed in every}
    left_out = tuple(seed for seed, pair in pairs.items() if not all(map(math.isfinite, pair)))
    kept = [pair for seed, pair in pairs.items() if seed not in left_out]
    differences = [a - b for a, b in kept]
    number = len(differences)
    mean = statistics.fmean(differences) if number else math.nan
    if number < 2:
        return Paired(mean, math.nan, math.nan, math.nan, math.nan, number, left_out)
    spread = statistics.stdev(differences)
    rounding = _ROUNDING * max(abs(value) for pair in kept for value in pair)
    if spread <= rounding:
        mean = mean if abs(mean) > rounding else 0.0
        return Paired(mean, mean, mean, math.nan, 0.0, number, left_out)
    error = spread / math.sqrt(number)
    reach = error * float(stats.t.ppf(0.975, number - 1))
    p = 2 * float(stats.t.sf(abs(mean) / error, number - 1))
    return Paired(mean, mean - reach, mean + reach, p, spread, number, left_out)
