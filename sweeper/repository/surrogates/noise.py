"""The weight of rows: they have few seeds, and rows of one source are not independent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweeper.repository.surrogates.coordinates import FloatArray


@dataclass(frozen=True)
class Rows:
    """Measured gains, their errors, and the numbers of their sources, each ``[n]``."""

    gain: FloatArray
    se: FloatArray
    source: NDArray[np.int64]


@dataclass(frozen=True)
class Noise:
    """The variance that a surrogate leaves unexplained, apart from seed noise.

    Attributes:
        tau2: variance of true gains around the surrogate (the between-study variance of a
            random-effects meta-analysis, DerSimonian and Laird 1986, by moments).
        rho: fraction of the total variance that is common to rows of one source.
    """

    tau2: float
    rho: float

    def weights(self, rows: Rows) -> FloatArray:
        """Return ``1 / (se² + τ²)``, divided by the design effect ``1 + (n - 1) ρ`` of the source.

        A source with many correlated rows thus counts about as much as one with few (Kish 1965).
        """
        number = np.bincount(rows.source)[rows.source]
        return np.asarray(1 / (rows.se**2 + self.tau2) / (1 + (number - 1) * self.rho))


def estimate_noise(rows: Rows, residual: FloatArray) -> Noise:
    """Estimate the noise from residuals, with equal weight for each source.

    Args:
        rows: the fitted rows.
        residual: gains minus fitted means, ``[n]``.
    """
    share = 1 / np.bincount(rows.source)[rows.source]
    share = share / share.sum()
    total = float(share @ residual**2)
    seeds = float(share @ rows.se**2)
    # Never 0, or rows that agree by chance would dominate all others.
    tau2 = max(total - seeds, 0.05 * total, 1e-8)
    sums = np.bincount(rows.source, residual)
    squares = np.bincount(rows.source, residual**2)
    counts = np.bincount(rows.source)
    several = counts > 1
    if not several.any() or total <= 0:
        return Noise(tau2, 0.0)
    pairs = (sums**2 - squares)[several] / (counts * (counts - 1.0))[several]
    return Noise(tau2, float(np.clip(pairs.mean() / total, 0.0, 1.0)))
