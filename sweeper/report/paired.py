"""Two settings compared seed by seed."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from scipy import stats

#: The share of such intervals that hold the true mean.
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Comparison:
    """What a setting gains on another, over the seeds that both have a finite value of.

    Attributes:
        seeds: how many those are.
        mean: the mean difference; NaN without any such seed.
        low: the lower end of its 95 % interval by Student's t; NaN where there is no test.
        high: the upper end, likewise.
        p: of the two-sided paired t-test, likewise.
    """

    seeds: int
    mean: float
    low: float = math.nan
    high: float = math.nan
    p: float = math.nan

    @property
    def never_differs(self) -> bool:
        """Whether the difference is the same with every seed, so that nothing can be tested."""
        return self.seeds > 1 and math.isnan(self.p)


def compare(values: Mapping[int, float], rival: Mapping[int, float]) -> Comparison:
    """Compare the values of two settings, given by seed: the first less the second."""
    both = [s for s in values if s in rival and math.isfinite(values[s] - rival[s])]
    differences = [values[seed] - rival[seed] for seed in both]
    if not both:
        return Comparison(0, math.nan)
    mean = statistics.fmean(differences)
    # Equal differences of shares may differ by rounding, as 0.9 - 0.8 and 0.8 - 0.7 do.
    if len(both) == 1 or math.isclose(min(differences), max(differences), abs_tol=1e-12):
        return Comparison(len(both), mean)
    tested = stats.ttest_rel([values[s] for s in both], [rival[s] for s in both])
    low, high = tested.confidence_interval(_CONFIDENCE)
    return Comparison(len(both), mean, float(low), float(high), float(tested.pvalue))
