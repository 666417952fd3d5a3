"""A Gaussian process on a subset of points (Rasmussen and Williams 2006, algorithm 2.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist

from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray
from sweeper.repository.surrogates.nearest import task_spacing

#: Candidates compared by marginal likelihood: length scales over settings (in units) and over tasks
#: (in steps between tasks), and the fraction of variance common to all tasks.
WIDTHS, STEPS, COMMON = (1.0, 2.0, 4.0), (1.0, 3.0), (0.3, 0.7)

#: Fractions of variance specific to a task: one shift for all of its settings, and one for each.
SHIFT, OWN = 0.1, 0.1


@dataclass(frozen=True)
class GaussianProcess:
    """Smooth over settings and tasks; similar tasks have similar gains, and each its own shift.

    Attributes:
        points: number of rows to fit, spread evenly over tasks and settings.
    """

    points: int = 240
    kind: ClassVar[str] = "gaussian process"

    def fit(self, rows: DesignRows) -> "FittedGaussianProcess":
        """Fit to a subset of the rows, with the kernel of the highest marginal likelihood."""
        subset = rows.at(_spread_evenly(rows, self.points))
        step = task_spacing(rows)
        mean = float(subset.gain.mean())
        variance = max(float(subset.gain.var() - np.mean(subset.se**2)), 1e-6)
        best: tuple[float, FittedGaussianProcess] | None = None
        for kernel in _kernels(variance, step):
            same_task = subset.task[:, None] == subset.task[None]
            covariance = kernel.between(subset, subset) + variance * SHIFT * same_task
            covariance += np.diag(subset.se**2 + variance * OWN)
            factor = cho_factor(covariance, lower=True)
            solved = cho_solve(factor, subset.gain - mean)
            likelihood = float(
                -0.5 * (subset.gain - mean) @ solved - np.log(np.diag(factor[0])).sum()
            )
            if best is None or likelihood > best[0]:
                best = likelihood, FittedGaussianProcess(subset, kernel, mean, solved, factor)
        assert best is not None  # there is more than one kernel
        return best[1]


@dataclass(frozen=True)
class Kernel:
    """The covariance of true gains, without the task-specific part."""

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
    """The fitted points and the solved covariance."""

    rows: DesignRows
    kernel: Kernel
    mean: float
    solved: FloatArray
    factor: tuple[FloatArray, bool]

    def predict(self, rows: DesignRows) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of each row's gain on new tasks."""
        across = self.kernel.between(rows, self.rows)
        explained = np.einsum("ij,ji->i", across, cho_solve(self.factor, across.T))
        variance = self.kernel.variance * (1 + SHIFT + OWN) - explained
        return self.mean + across @ self.solved, np.sqrt(np.maximum(variance, 1e-12))


def _kernels(variance: float, step: float) -> Iterator[Kernel]:
    for width, steps, common in product(WIDTHS, STEPS, COMMON):
        yield Kernel(variance, width, steps * step, common)


def _spread_evenly(rows: DesignRows, number: int) -> NDArray[np.int64]:
    """Return the indices of about `number` rows, shared equally by sources and their tasks.

    The rows of a task are evenly spaced in its sorted settings. The offset varies between tasks, so
    that together they cover the design.
    """
    tasks, first = np.unique(rows.task, return_index=True)
    sources = rows.source[first]
    chosen: list[int] = []
    for position, task in enumerate(tasks):
        task_rows = np.flatnonzero(rows.task == task)
        task_rows = task_rows[np.lexsort(rows.points[task_rows].T)]
        siblings = int((sources == sources[position]).sum())
        wanted = max(2, round(number / len(np.unique(sources)) / siblings))
        if wanted >= len(task_rows):
            chosen.extend(task_rows)
        else:
            steps = (np.arange(wanted) + (position * 0.618) % 1) * len(task_rows) / wanted
            chosen.extend(task_rows[steps.astype(int)])
    return np.array(sorted(chosen), dtype=np.int64)
