"""All pairs of settings, compared by seed and corrected for their number."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

from sweeper.confirm.paired import Paired, paired
from sweeper.confirm.power import LEVEL, least_difference

Label = TypeVar("Label", bound=Hashable)


@dataclass(frozen=True)
class Pair(Generic[Label]):
    """Two settings, the first minus the second.

    Attributes:
        one: the first.
        other: the second.
        found: their differences.
        corrected: the p-value by Holm's method over all pairs; NaN where no test is possible.
        least: the smallest true difference that the test would find in four of five experiments,
            at the strictest level of the correction.
    """

    one: Label
    other: Label
    found: Paired
    corrected: float
    least: float

    @property
    def differs(self) -> bool:
        """Whether the two differ by more than noise, all pairs considered."""
        return self.corrected < LEVEL


def all_pairs(values: Mapping[Label, Mapping[int, float]]) -> list[Pair[Label]]:
    """Compare every setting with every other, the smallest p-value first.

    Args:
        values: of each setting, by seed.
    """
    pairs = [
        (one, other, paired(values[one], values[other])) for one, other in combinations(values, 2)
    ]
    tested = [found.p for *_, found in pairs if not math.isnan(found.p)]
    adjusted = iter(holm(tested))
    level = LEVEL / max(1, len(tested))
    compared = [
        Pair(
            one,
            other,
            found,
            math.nan if math.isnan(found.p) else next(adjusted),
            least_difference(found.spread, found.seeds, level),
        )
        for one, other, found in pairs
    ]
    return sorted(compared, key=lambda pair: (math.isnan(pair.found.p), pair.found.p))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Holm's step-down method, in the given order.

    Holm 1979: the i-th smallest of n, times n - i + 1, but never less than the one before it nor
    more than 1. If those below a level count as found, the probability that any of them is wrong
    is at most that level.
    """
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted
