"""Regret at one try and at several, where what is picked is picked on half of the seeds."""

from dataclasses import dataclass
from itertools import combinations
from math import comb, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error and its 95 % interval (Student's t); NaN for one value."""

    mean: float
    se: float
    low: float
    high: float


def estimate(values: FloatArray) -> Estimate:
    """Return mean and interval of independent values ``[n]``."""
    number, mean = len(values), float(np.mean(values))
    if number < 2:
        return Estimate(mean, float("nan"), float("nan"), float("nan"))
    se = float(np.std(values, ddof=1) / sqrt(number))
    wide = se * float(t.ppf((1 + CONFIDENCE) / 2, number - 1))
    return Estimate(mean, se, mean - wide, mean + wide)


def halves(seeds: int) -> list[tuple[IntArray, IntArray]]:
    """Return every choice of half of the seeds, rounded down, with the others."""
    every = np.arange(seeds)
    chosen = (np.array(own) for own in combinations(range(seeds), seeds // 2))
    return [(own, np.setdiff1d(every, own)) for own in chosen]


def best(scores: FloatArray) -> float:
    """Return the score of the best of some settings ``[settings, seeds]``.

    It is picked on half of the seeds and scored on the others; the mean over all halves.
    """
    picked = []
    for pick, rest in halves(scores.shape[1]):
        first = scores[:, pick].mean(axis=1).argmax()
        picked.append(scores[first, rest].mean())
    return float(np.mean(picked))


def best_of_random(scores: FloatArray, tries: int) -> float:
    """Return what `best` is of so many of the settings, in the mean over all choices of them."""
    number = len(scores)
    # The setting of rank r is the best of those chosen where the others rank behind it.
    weights = np.array([comb(number - 1 - r, tries - 1) for r in range(number)], float)
    weights /= weights.sum()
    means = []
    for pick, rest in halves(scores.shape[1]):
        order = np.argsort(-scores[:, pick].mean(axis=1), kind="stable")
        means.append(float(weights @ scores[order][:, rest].mean(axis=1)))
    return float(np.mean(means))
