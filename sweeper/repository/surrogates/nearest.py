"""The nearest tasks: the constant surface of each task's own neighborhood."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.spatial.distance import cdist

from sweeper.repository.surrogates.basis import Basis
from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray
from sweeper.repository.surrogates.linear import fit_linear


@dataclass(frozen=True)
class NearestTasks:
    """Smooth over the setting, every task weighted by how near it is (local regression).

    Attributes:
        reach: width of the Gaussian weight, in median distances of a task to its nearest one of
            another source.
    """

    reach: float = 1.0
    kind: ClassVar[str] = "nearest tasks"

    def fit(self, rows: DesignRows) -> "FittedNearestTasks":
        """Keep the rows: the fits wait until it is known where."""
        return FittedNearestTasks(rows, Basis.over(rows.points), self.reach * step_between(rows))


@dataclass(frozen=True)
class FittedNearestTasks:
    """The rows, and how far they reach."""

    rows: DesignRows
    basis: Basis
    width: float

    def predict(self, rows: DesignRows) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of each row's gain: one fit a different task."""
        known = self.basis.of(self.rows.points)
        asked = self.basis.of(rows.points)
        mean, deviation = np.empty(len(rows)), np.empty(len(rows))
        contexts, of_row = np.unique(rows.context, axis=0, return_inverse=True)
        squares = cdist(contexts, self.rows.context, "sqeuclidean")
        for number, square in enumerate(squares):
            # Less the smallest: where all are far, the nearest still has a voice.
            kernel = np.exp(-0.5 * (square - square.min()) / self.width**2)
            posterior = fit_linear(known, self.rows, self.basis.prior, kernel)
            own = of_row == number
            mean[own], deviation[own] = posterior.predict(asked[own])
        return mean, deviation


def step_between(rows: DesignRows) -> float:
    """Return the median distance of a task's context to the nearest one of another source."""
    _, first = np.unique(rows.task, return_index=True)
    distance = cdist(rows.context[first], rows.context[first])
    same = rows.source[first][:, None] == rows.source[first][None]
    distance[same] = np.inf
    nearest = distance.min(1)
    finite = nearest[np.isfinite(nearest) & (nearest > 0)]
    return float(np.median(finite)) if len(finite) else 1.0
