"""How much a row says: its seeds are few, and rows of one source are no independent ones."""

from dataclasses import dataclass

import numpy as np

from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray


@dataclass(frozen=True)
class Noise:
    """What a surface leaves unexplained beside the noise of the seeds.

    Attributes:
        tau2: variance of true gains around the surface (the between-study variance of a
            random-effects meta-analysis, DerSimonian and Laird 1986, by moments).
        rho: share of the whole variance that is common to the rows of one source.
    """

    tau2: float
    rho: float

    def weights(self, rows: DesignRows) -> FloatArray:
        """Return ``1 / (se² + τ²)``, divided by the design effect ``1 + (n - 1) ρ`` of the source.

        So a source with many rows that all move together counts about as one that has few (Kish
        1965).
        """
        number = np.bincount(rows.source)[rows.source]
        return np.asarray(1 / (rows.se**2 + self.tau2) / (1 + (number - 1) * self.rho))


def estimate_noise(
    rows: DesignRows, residual: FloatArray, kernel: FloatArray | None = None
) -> Noise:
    """Return the noise that residuals show, each source having one vote.

    Args:
        rows: what was fitted.
        residual: gains less the fitted means, ``[n]``.
        kernel: how much each row matters, ``[n]``; all the same unless given.
    """
    number = np.bincount(rows.source)[rows.source]
    share = (np.ones(len(rows)) if kernel is None else kernel) / number
    share = share / share.sum()
    total = float(share @ residual**2)
    seeds = float(share @ rows.se**2)
    # Never nothing: rows that agree by chance would drown all others.
    tau2 = max(total - seeds, 0.05 * total, 1e-8)
    sums = np.bincount(rows.source, residual)
    squares = np.bincount(rows.source, residual**2)
    counts = np.bincount(rows.source)
    several = counts > 1
    if not several.any() or total <= 0:
        return Noise(tau2, 0.0)
    pairs = (sums**2 - squares)[several] / (counts * (counts - 1.0))[several]
    return Noise(tau2, float(np.clip(pairs.mean() / total, 0.0, 1.0)))
