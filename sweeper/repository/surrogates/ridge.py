"""Ridge regression on the offset from the formula for the scale."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sweeper.repository.surrogates.basis import Basis
from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray
from sweeper.repository.surrogates.linear import Posterior, fit_linear

#: Prior standard deviations of the task's coefficients, and of its products with the setting.
TASK, INTERACTION = 0.5, 0.5


@dataclass(frozen=True)
class Ridge:
    """Quadratic in the margins and in ln(s / formula's s), with a task-dependent optimum.

    The linear terms depend on the task, and so do the best margins. The leading principal
    components of the context enter directly and multiplied by the setting.

    Attributes:
        components: number of principal components.
    """

    components: int = 4
    kind: ClassVar[str] = "ridge"

    def fit(self, rows: DesignRows) -> "FittedRidge":
        """Fit to all rows."""
        points = _points(rows)
        basis = Basis.over(points)
        directions = _directions(rows, self.components)
        terms = _terms(basis, points, rows.context @ directions)
        number = directions.shape[1] * (1 + points.shape[1])
        prior = np.concatenate([basis.prior, np.full(number, INTERACTION)])
        prior[len(basis.prior) : len(basis.prior) + directions.shape[1]] = TASK
        return FittedRidge(basis, directions, fit_linear(terms, rows, prior))


@dataclass(frozen=True)
class FittedRidge:
    """The fitted regression."""

    basis: Basis
    directions: FloatArray
    posterior: Posterior

    def predict(self, rows: DesignRows) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of each row's gain."""
        return self.posterior.predict(
            _terms(self.basis, _points(rows), rows.context @ self.directions)
        )


def _points(rows: DesignRows) -> FloatArray:
    return np.column_stack([rows.points[:, :3], rows.offset])


def _terms(basis: Basis, points: FloatArray, scores: FloatArray) -> FloatArray:
    products = points[:, :, None] * scores[:, None, :]
    return np.column_stack([basis.of(points), scores, products.reshape(len(points), -1)])


def _directions(rows: DesignRows, components: int) -> FloatArray:
    """Return the leading principal directions of the tasks' contexts, scaled to unit variance.

    The context is not centered: the terms of the setting absorb the mean of a score.
    """
    _, first = np.unique(rows.task, return_index=True)
    contexts = rows.context[first]
    _, sizes, directions = np.linalg.svd(contexts - contexts.mean(0), full_matrices=False)
    kept = directions[:components][sizes[:components] > 1e-9 * max(sizes.max(initial=0), 1e-12)]
    spread = sizes[: len(kept)] / np.sqrt(len(first))
    # The sign of a singular vector is arbitrary; its largest element is made positive.
    signs = np.sign(kept[np.arange(len(kept)), np.abs(kept).argmax(1)])
    return np.asarray((kept * (signs / spread)[:, None]).T)
