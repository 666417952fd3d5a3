"""What each known task would gain with any setting, from what was measured on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.spatial.distance import cdist

from sweeper.repository.surrogates.basis import Basis
from sweeper.repository.surrogates.coordinates import Compression, FloatArray, points_with_rate
from sweeper.repository.surrogates.linear import fit_linear
from sweeper.repository.surrogates.noise import Rows

#: Candidates of `Smoothing`, compared by marginal likelihood.
WIDTHS, SHIFTS, OWN = (1.0, 1.5, 2.5), (0.3, 0.6), (0.03, 0.15)


@dataclass(frozen=True)
class Smoothing:
    """The prior of a task's deviation from the mean of all tasks: a Gaussian process.

    Attributes:
        variance: of the deviation, compressed.
        width: length scale over settings, in units.
        shift: share of the variance that moves all settings of a task alike.
        own: share that is each setting's own.
    """

    variance: float
    width: float
    shift: float
    own: float

    def between(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """Return the covariances of deviations at points ``[n, 5]`` and ``[m, 5]``."""
        near = np.exp(-0.5 * cdist(first, second, "sqeuclidean") / self.width**2)
        return np.asarray(self.variance * (self.shift + (1 - self.shift - self.own) * near))


@dataclass(frozen=True)
class Measured:
    """One task: points of its settings ``[n, 5]``, compressed gains and their errors ``[n]``."""

    points: FloatArray
    gain: FloatArray
    se: FloatArray

    def covariance(self, smoothing: Smoothing) -> FloatArray:
        """Return the covariance of the measured gains around the mean of all tasks."""
        own = self.se**2 + smoothing.variance * smoothing.own
        return smoothing.between(self.points, self.points) + np.diag(own)


@dataclass(frozen=True, eq=False)
class Responses:
    """The compressed gains of all known tasks as functions of the setting.

    Each task is the posterior mean of a Gaussian process around the mean over tasks: it follows
    what was measured on it as far as its noise allows, and the other tasks elsewhere.

    Attributes:
        tasks: ids of the tasks.
        source: number of each task's source, ``[T]``.
        measured: of each task.
        compression: of the gains.
        smoothing: the prior of deviations.
    """

    tasks: tuple[str, ...]
    source: NDArray[np.int64]
    measured: tuple[Measured, ...]
    compression: Compression
    smoothing: Smoothing

    @classmethod
    def of(cls, gains: pd.DataFrame, smoothing: Smoothing | None = None) -> "Responses":
        """Return the responses for rows of settings with margins, see `gains.best_rate_gains`.

        Args:
            gains: `task`, `source`, the setting's columns, `gain` and `se`.
            smoothing: known from an earlier fit; estimated if None.
        """
        compression = Compression.of(gains)
        measured, tasks, sources = [], [], []
        for task, rows in gains.groupby("task", sort=True):
            gain, se = rows["gain"].to_numpy(float), rows["se"].to_numpy(float)
            measured.append(
                Measured(
                    points_with_rate(rows),
                    compression.compress_gain(gain),
                    compression.compress_error(gain, se),
                )
            )
            tasks.append(str(task))
            sources.append(str(rows["source"].iloc[0]))
        source = np.unique(sources, return_inverse=True)[1].astype(np.int64)
        if smoothing is None:
            smoothing = _estimated(measured, source)
        return cls(tuple(tasks), source, tuple(measured), compression, smoothing)

    @cached_property
    def _roots(self) -> tuple[FloatArray, ...]:
        """The lower Cholesky factors of the covariances, for a sixth of the work of inverses."""
        covariances = (each.covariance(self.smoothing) for each in self.measured)
        return tuple(np.asarray(np.linalg.cholesky(each), dtype=float) for each in covariances)

    def pooled(self, known: NDArray[np.bool_] | None = None) -> "Pooled":
        """Return the mean over tasks, or over the `known` ones alone."""
        return pooled(self.measured, self.source, known)

    def at(self, points: FloatArray, mean: "Pooled") -> FloatArray:
        """Return the compressed gains of all tasks at points ``[n, 5]``, ``[T, n]``."""
        shared, solved = _shared(self, mean)
        # As `_away`, for all tasks in one product: most were measured at the same settings.
        return np.asarray(mean.at(points) + (self.smoothing.between(points, shared) @ solved).T)

    def of_task(self, number: int, points: FloatArray, mean: "Pooled") -> FloatArray:
        """Return the compressed gains of one task at points ``[n, 5]``, ``[n]``."""
        return np.asarray(mean.at(points) + self._away(number, points, mean))

    def _away(self, number: int, points: FloatArray, mean: "Pooled") -> FloatArray:
        across = self.smoothing.between(points, self.measured[number].points)
        return np.asarray(across @ self.solved(number, mean))

    def solved(self, number: int, mean: "Pooled") -> FloatArray:
        """Return how much each setting of a task counts in its deviation from the mean, ``[n]``."""
        each = self.measured[number]
        return np.asarray(cho_solve((self._roots[number], True), each.gain - mean.at(each.points)))

    def informed(self, points: FloatArray) -> FloatArray:
        """Return how much of the variance at points is explained by measurements, ``[T, n]``."""
        rows = []
        for each, root in zip(self.measured, self._roots, strict=True):
            across = self.smoothing.between(points, each.points)
            rows.append((solve_triangular(root, across.T, lower=True) ** 2).sum(0))
        whole = self.smoothing.variance * (1 - self.smoothing.own)
        return np.clip(np.array(rows) / whole, 0.0, 1.0)


@lru_cache(maxsize=8)
def _shared(responses: Responses, mean: "Pooled") -> tuple[FloatArray, FloatArray]:
    """Return all measured points once, ``[p, 5]``, and what `Responses.solved` says, ``[p, T]``."""
    measured = [each.points for each in responses.measured]
    shared, which = np.unique(np.concatenate(measured), axis=0, return_inverse=True)
    solved = np.zeros((len(shared), len(measured)))
    ends = np.cumsum([len(points) for points in measured])
    for number, rows in enumerate(np.split(which.ravel(), ends[:-1])):
        np.add.at(solved[:, number], rows, responses.solved(number, mean))
    return shared, solved


@dataclass(frozen=True, eq=False)
class Pooled:
    """The mean over tasks: a smooth function of the setting alone."""

    basis: Basis
    coefficients: FloatArray

    def at(self, points: FloatArray) -> FloatArray:
        """Return the mean compressed gain at points, ``[n]``."""
        return np.asarray(self.basis.of(points) @ self.coefficients)


def pooled(
    measured: Sequence[Measured],
    source: NDArray[np.int64],
    known: NDArray[np.bool_] | None = None,
) -> Pooled:
    """Fit the mean over tasks, in which each source counts about equally."""
    chosen = [i for i in range(len(measured)) if known is None or known[i]]
    rows = Rows(
        np.concatenate([measured[i].gain for i in chosen]),
        np.concatenate([measured[i].se for i in chosen]),
        np.concatenate([np.full(len(measured[i].gain), source[i]) for i in chosen]),
    )
    points = np.concatenate([measured[i].points for i in chosen])
    basis = Basis.over(points)
    return Pooled(basis, fit_linear(basis.of(points), rows, basis.prior))


def _estimated(measured: Sequence[Measured], source: NDArray[np.int64]) -> Smoothing:
    """Return the smoothing of the highest marginal likelihood over all tasks."""
    mean = pooled(measured, source)
    away = [each.gain - mean.at(each.points) for each in measured]
    excess = [float(np.mean(a**2 - m.se**2)) for a, m in zip(away, measured, strict=True)]
    variance = max(float(np.mean(excess)), 1e-6)
    best: tuple[float, Smoothing] | None = None
    for width, shift, own in product(WIDTHS, SHIFTS, OWN):
        smoothing = Smoothing(variance, width, shift, own)
        likelihood = 0.0
        for each, rest in zip(measured, away, strict=True):
            factor = cho_factor(each.covariance(smoothing), lower=True)
            likelihood -= 0.5 * float(rest @ cho_solve(factor, rest))
            likelihood -= float(np.log(np.diag(factor[0])).sum())
        if best is None or likelihood > best[0]:
            best = likelihood, smoothing
    assert best is not None  # there is more than one candidate
    return best[1]
