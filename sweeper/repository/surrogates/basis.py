"""A smooth basis over margins and scale: quadratic, with bumps at measured settings."""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from scipy.spatial.distance import cdist

from sweeper.repository.surrogates.coordinates import FloatArray

#: Maximum number of bumps; a shared design has a few dozen settings.
CENTERS = 24

#: Prior standard deviations of the coefficients, per unit and in units of the gains' spread.
INTERCEPT, LINEAR, SQUARE, BUMP = 3.0, 1.0, 0.5, 0.5


@dataclass(frozen=True)
class Basis:
    """1, the points, their products, and Gaussian bumps of unit width at the centers."""

    centers: FloatArray

    @classmethod
    def over(cls, points: FloatArray) -> "Basis":
        """Return the basis for points ``[n, d]``; their order does not matter."""
        return cls(farthest_points(np.unique(points, axis=0), CENTERS))

    def of(self, points: FloatArray) -> FloatArray:
        """Return the basis at points ``[n, d]``."""
        pairs = combinations_with_replacement(range(points.shape[1]), 2)
        products = [points[:, i] * points[:, j] for i, j in pairs]
        bumps = np.exp(-0.5 * cdist(points, self.centers, "sqeuclidean"))
        return np.column_stack([np.ones(len(points)), points, *products, bumps])

    @property
    def prior(self) -> FloatArray:
        """The standard deviation of each coefficient, in units of the gains' spread."""
        d = self.centers.shape[1]
        return np.repeat(
            [INTERCEPT, LINEAR, SQUARE, BUMP], [1, d, d * (d + 1) // 2, len(self.centers)]
        )


def farthest_points(points: FloatArray, number: int) -> FloatArray:
    """Return at most `number` points, each the farthest from those before (Gonzalez 1985).

    The first is the one nearest to the mean.
    """
    distance = ((points - points.mean(0)) ** 2).sum(1)
    chosen = [int(distance.argmin())]
    nearest = np.full(len(points), np.inf)
    while len(chosen) < min(number, len(points)):
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(1))
        if nearest.max() <= 0:
            break
        chosen.append(int(nearest.argmax()))
    return points[chosen]
