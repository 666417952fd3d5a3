"""Extremely randomized trees (Geurts et al. 2006) on settings and tasks."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor

from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray
from sweeper.repository.surrogates.noise import Noise, estimate_noise


@dataclass(frozen=True)
class ExtraTrees:
    """An average of random trees: steps and cliffs that no smooth surface has.

    Attributes:
        trees: how many.
        leaf: rows of the smallest leaf.
    """

    trees: int = 60
    leaf: int = 4
    kind: ClassVar[str] = "extra trees"

    def fit(self, rows: DesignRows) -> "FittedExtraTrees":
        """Fit to all rows, in an order of their own: which trees grow depends on it."""
        rows = rows.at(np.lexsort((rows.gain, *_inputs(rows).T)))
        inputs = _inputs(rows)
        noise = estimate_noise(rows, rows.gain - rows.gain.mean())
        forest = ExtraTreesRegressor(
            self.trees, min_samples_leaf=self.leaf, max_features=0.5, random_state=0, n_jobs=1
        )
        forest.fit(inputs, rows.gain, noise.weights(rows))
        left = estimate_noise(rows, rows.gain - forest.predict(inputs))
        return FittedExtraTrees(forest, left)


@dataclass(frozen=True)
class FittedExtraTrees:
    """The trees, fitted."""

    forest: ExtraTreesRegressor
    noise: Noise

    def predict(self, rows: DesignRows) -> tuple[FloatArray, FloatArray]:
        """Return the mean over the trees, and their spread together with what they leave over."""
        # A tree compares in single precision, and so does its input here.
        inputs = _inputs(rows).astype(np.float32)
        each = np.stack([tree.tree_.predict(inputs)[:, 0] for tree in self.forest.estimators_])
        return each.mean(0), np.sqrt(each.var(0) + self.noise.tau2)


def _inputs(rows: DesignRows) -> FloatArray:
    return np.column_stack([rows.points, rows.offset, rows.context])
