"""What a term has done at the λ at which it costs no accuracy: for comparisons of two terms.

A term with a larger λ makes classes more compact and, from some λ on, less accurate; how much one λ
does depends on how the term is normalized. So two terms are compared at equal accuracy: each where
its mean accuracy over λ falls below that of the loss without it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

Values = Mapping[int, float]

#: With fewer seeds the interval of a difference says nothing.
_FEWEST = 3


@dataclass(frozen=True)
class Point:
    """One λ of a sweep, positive: accuracy, and what is compared at equal accuracy, by seed."""

    weight: float
    accuracy: Values
    measured: Values


class NoEqualAccuracy(Exception):
    """Why two terms cannot be compared at equal accuracy."""


def common_seeds(plain: Values, *sweeps: Sequence[Point]) -> list[int]:
    """Return the seeds that have finite values everywhere, ascending.

    Raises:
        NoEqualAccuracy: they are too few.
    """
    every = [plain, *(v for sweep in sweeps for p in sweep for v in (p.accuracy, p.measured))]
    seeds = [s for s in sorted(plain) if all(math.isfinite(v.get(s, math.nan)) for v in every)]
    if len(seeds) < _FEWEST:
        raise NoEqualAccuracy(f"fewer than {_FEWEST} seeds have all of it")
    return seeds


def at_equal_accuracy(sweep: Sequence[Point], plain: Values, seeds: Sequence[int]) -> Values:
    """Return what is measured at equal accuracy, as a value of each seed, of which the mean counts.

    The values are the pseudo-values of the jackknife: n times the estimate of all seeds, less n - 1
    times that without one. So the differences of two terms, paired by seed, vary by the noise of
    the λ of equal accuracy, too.

    Args:
        sweep: at least two λ.
        plain: the accuracy without the term, by seed.
        seeds: that have all values, see `common_seeds`.

    Raises:
        NoEqualAccuracy: the mean accuracy does not cross that without the term within the sweep.
    """
    n = len(seeds)
    whole = _estimate(sweep, plain, seeds)
    try:
        without = {s: _estimate(sweep, plain, [o for o in seeds if o != s]) for s in seeds}
    except NoEqualAccuracy:
        raise NoEqualAccuracy("equally accurate or not by a single seed") from None
    return {seed: n * whole - (n - 1) * estimate for seed, estimate in without.items()}


def _estimate(sweep: Sequence[Point], plain: Values, seeds: Iterable[int]) -> float:
    """Return the mean of what is measured at the largest λ of equal mean accuracy.

    Both are interpolated between neighbors, linearly over the logarithm of λ.
    """
    seeds = list(seeds)

    def mean(values: Values) -> float:
        return fmean(values[seed] for seed in seeds)

    points = sorted(sweep, key=lambda point: point.weight)
    ahead = [mean(point.accuracy) - mean(plain) for point in points]
    if ahead[-1] >= 0:
        raise NoEqualAccuracy(f"still as accurate at λ = {points[-1].weight:g}, the largest tried")
    as_accurate = [i for i, difference in enumerate(ahead) if difference >= 0]
    if not as_accurate:
        raise NoEqualAccuracy(f"less accurate from λ = {points[0].weight:g} on, the least tried")
    last = as_accurate[-1]
    share = ahead[last] / (ahead[last] - ahead[last + 1])
    before, after = mean(points[last].measured), mean(points[last + 1].measured)
    return (1 - share) * before + share * after
