"""Ridge regression on the offset from the formula for the scale."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sweeper.repository.surrogates.basis import Basis
from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray
from sweeper.repository.surrogates.linear import Posterior, fit_linear

#: What a coefficient of the task has a priori, and of its product with the setting.
TASK, INTERACTION = 0.5, 0.5


@dataclass(frozen=True)
class Ridge:
    """Quadratic in the margins and in ln(s / formula's s); the tasks move its top.

    A quadratic whose linear terms depend on the task has its best margins depend on it, too. Of the
    context the leading principal components enter, by themselves and times the setting.

    Attributes:
        components: how many of them.
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
    """The regression, fitted."""

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

    The context is not centered: what the mean adds to a score, the terms of the setting take up.
    """
    _, first = np.unique(rows.task, return_index=True)
    contexts = rows.context[first]
    _, sizes, directions = np.linalg.svd(contexts - contexts.mean(0), full_matrices=False)
    kept = directions[:components][sizes[:components] > 1e-9 * max(sizes.max(initial=0), 1e-12)]
    spread = sizes[: len(kept)] / np.sqrt(len(first))
    # The sign of a singular vector is arbitrary; its largest element is made positive.
    signs = np.sign(kept[np.arange(len(kept)), np.abs(kept).argmax(1)])
    return np.asarray((kept * (signs / spread)[:, None]).T)
