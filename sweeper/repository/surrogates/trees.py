"""Extremely randomized trees (Geurts et al. 2006) on settings and tasks."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor

from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray
from sweeper.repository.surrogates.noise import Noise, estimate_noise


@dataclass(frozen=True)
class ExtraTrees:
    """An average of random trees, which can represent steps that smooth surrogates cannot.

    Attributes:
        trees: number of trees.
        leaf: minimum number of rows per leaf.
    """

    trees: int = 60
    leaf: int = 4
    kind: ClassVar[str] = "extra trees"

    def fit(self, rows: DesignRows) -> "FittedExtraTrees":
        """Fit to all rows in a canonical order, since the trees depend on the order."""
        rows = rows.at(np.lexsort((rows.gain, *_inputs(rows).T)))
        inputs = _inputs(rows)
        noise = estimate_noise(rows, rows.gain - rows.gain.mean())
        forest = ExtraTreesRegressor(
            self.trees, min_samples_leaf=self.leaf, max_features=0.5, random_state=0, n_jobs=1
        )
        forest.fit(inputs, rows.gain, noise.weights(rows))
        residual_noise = estimate_noise(rows, rows.gain - forest.predict(inputs))
        return FittedExtraTrees(forest, residual_noise)


@dataclass(frozen=True)
class FittedExtraTrees:
    """The fitted trees."""

    forest: ExtraTreesRegressor
    noise: Noise

    def predict(self, rows: DesignRows) -> tuple[FloatArray, FloatArray]:
        """Return the mean over the trees, and their spread combined with the residual noise."""
        # Trees compare in single precision.
        inputs = _inputs(rows).astype(np.float32)
        each = np.stack([tree.tree_.predict(inputs)[:, 0] for tree in self.forest.estimators_])
        return each.mean(0), np.sqrt(each.var(0) + self.noise.tau2)


def _inputs(rows: DesignRows) -> FloatArray:
    return np.column_stack([rows.points, rows.offset, rows.context])
