"""The nearest tasks: a constant surrogate for the neighborhood of each task."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.spatial.distance import cdist

from sweeper.repository.surrogates.basis import Basis
from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray
from sweeper.repository.surrogates.linear import fit_linear


@dataclass(frozen=True)
class NearestTasks:
    """Smooth over the setting, with tasks weighted by proximity (local regression).

    Attributes:
        reach: width of the Gaussian weight, in median distances of a task to its nearest one of
            another source.
    """

    reach: float = 1.0
    kind: ClassVar[str] = "nearest tasks"

    def fit(self, rows: DesignRows) -> "FittedNearestTasks":
        """Keep the rows; fitting happens at prediction, once the position is known."""
        return FittedNearestTasks(rows, Basis.over(rows.points), self.reach * task_spacing(rows))


@dataclass(frozen=True)
class FittedNearestTasks:
    """The rows, and the width of their weights."""

    rows: DesignRows
    basis: Basis
    width: float

    def predict(self, rows: DesignRows) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of each row's gain, with one fit per distinct task."""
        known = self.basis.of(self.rows.points)
        query = self.basis.of(rows.points)
        mean, deviation = np.empty(len(rows)), np.empty(len(rows))
        contexts, of_row = np.unique(rows.context, axis=0, return_inverse=True)
        squares = cdist(contexts, self.rows.context, "sqeuclidean")
        for number, square in enumerate(squares):
            # Relative to the smallest, so that the nearest task counts even if all are far.
            kernel = np.exp(-0.5 * (square - square.min()) / self.width**2)
            posterior = fit_linear(known, self.rows, self.basis.prior, kernel)
            selected = of_row == number
            mean[selected], deviation[selected] = posterior.predict(query[selected])
        return mean, deviation


def task_spacing(rows: DesignRows) -> float:
    """Return the median distance of a task's context to the nearest one of another source."""
    _, first = np.unique(rows.task, return_index=True)
    distance = cdist(rows.context[first], rows.context[first])
    same = rows.source[first][:, None] == rows.source[first][None]
    distance[same] = np.inf
    nearest = distance.min(1)
    finite = nearest[np.isfinite(nearest) & (nearest > 0)]
    return float(np.median(finite)) if len(finite) else 1.0
