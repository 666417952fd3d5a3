"""A Gaussian process on few points (Rasmussen and Williams 2006, algorithm 2.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist

from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray
from sweeper.repository.surrogates.nearest import step_between

#: Tried by marginal likelihood: widths over settings (units) and over tasks (steps between tasks),
#: and the share of the variance that all tasks have in common.
WIDTHS, STEPS, COMMON = (1.0, 2.0, 4.0), (1.0, 3.0), (0.3, 0.7)

#: Shares of the variance that are a task's own: for all its settings alike, and for each by itself.
SHIFT, OWN = 0.1, 0.1


@dataclass(frozen=True)
class GaussianProcess:
    """Smooth over settings and tasks; near tasks have near surfaces, and each its own shift.

    Attributes:
        points: how many rows it is fitted to, spread evenly over tasks and settings.
    """

    points: int = 240
    kind: ClassVar[str] = "gaussian process"

    def fit(self, rows: DesignRows) -> "FittedGaussianProcess":
        """Fit to some of the rows with the kernel under which they are the likeliest."""
        few = rows.at(_spread_evenly(rows, self.points))
        step = step_between(rows)
        mean = float(few.gain.mean())
        variance = max(float(few.gain.var() - np.mean(few.se**2)), 1e-6)
        best: tuple[float, FittedGaussianProcess] | None = None
        for kernel in _kernels(variance, step):
            own = few.task[:, None] == few.task[None]
            covariance = kernel.between(few, few) + variance * SHIFT * own
            covariance += np.diag(few.se**2 + variance * OWN)
            factor = cho_factor(covariance, lower=True)
            solved = cho_solve(factor, few.gain - mean)
            likelihood = float(-0.5 * (few.gain - mean) @ solved - np.log(np.diag(factor[0])).sum())
            if best is None or likelihood > best[0]:
                best = likelihood, FittedGaussianProcess(few, kernel, mean, solved, factor)
        assert best is not None  # there is more than one kernel
        return best[1]


@dataclass(frozen=True)
class Kernel:
    """The covariance of true gains, without what is a task's own."""

    variance: float
    width: float
    step: float
    common: float

    def between(self, first: DesignRows, second: DesignRows) -> FloatArray:
        """Return the covariances ``[n, m]``."""
        settings = np.exp(-0.5 * cdist(first.points, second.points, "sqeuclidean") / self.width**2)
        tasks = np.exp(-0.5 * cdist(first.context, second.context, "sqeuclidean") / self.step**2)
        return np.asarray(self.variance * settings * (self.common + (1 - self.common) * tasks))


@dataclass(frozen=True)
class FittedGaussianProcess:
    """The points that it was fitted to, and its solved covariance."""

    rows: DesignRows
    kernel: Kernel
    mean: float
    solved: FloatArray
    factor: tuple[FloatArray, bool]

    def predict(self, rows: DesignRows) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of each row's gain, taken for rows of new tasks."""
        across = self.kernel.between(rows, self.rows)
        explained = np.einsum("ij,ji->i", across, cho_solve(self.factor, across.T))
        variance = self.kernel.variance * (1 + SHIFT + OWN) - explained
        return self.mean + across @ self.solved, np.sqrt(np.maximum(variance, 1e-12))


def _kernels(variance: float, step: float) -> Iterator[Kernel]:
    for width, steps, common in product(WIDTHS, STEPS, COMMON):
        yield Kernel(variance, width, steps * step, common)


def _spread_evenly(rows: DesignRows, number: int) -> NDArray[np.int64]:
    """Return indices of at most about so many rows: each source and task has its share.

    The rows of a task are taken at even steps through its settings in order, from a start that
    moves on from task to task, so that together the tasks cover the design.
    """
    tasks, first = np.unique(rows.task, return_index=True)
    sources = rows.source[first]
    chosen: list[int] = []
    for position, task in enumerate(tasks):
        own = np.flatnonzero(rows.task == task)
        own = own[np.lexsort(rows.points[own].T)]
        siblings = int((sources == sources[position]).sum())
        wanted = max(2, round(number / len(np.unique(sources)) / siblings))
        if wanted >= len(own):
            chosen.extend(own)
        else:
            steps = (np.arange(wanted) + (position * 0.618) % 1) * len(own) / wanted
            chosen.extend(own[steps.astype(int)])
    return np.array(sorted(chosen), dtype=np.int64)
