"""Calibration of prediction intervals on held-out sources."""

import numpy as np
from scipy.special import ndtri, stdtrit

from sweeper.repository.surrogates.coordinates import FloatArray

#: The nominal coverage of intervals.
COVERAGE = 0.9

#: Half the width of an interval, in standard deviations of a normal distribution.
QUANTILE = float(ndtri(0.5 + COVERAGE / 2))


#: From this many sources on, a quantile over them is better than a normal distribution.
MANY = 20


def interval_factor(
    residual: FloatArray,
    deviation: FloatArray,
    se: FloatArray,
    source: FloatArray,
    coverage: float = COVERAGE,
) -> float:
    """Return the factor by which deviations must be scaled for intervals to cover the true gain.

    Conformal prediction with sources as the units that are exchangeable (Dunn, Wasserman and Ramdas
    2022, pooled distributions): each held-out source has equal weight, shared by its residuals, and
    the quantile is taken at ``coverage (1 + 1/k)`` for k sources. Residuals also contain seed
    noise; the factor of each is what its interval needs beyond that noise. With fewer than `MANY`
    sources that quantile depends on one or two of them or exceeds all. It is then replaced by the
    root mean square of the standardized residuals, widened by Student's t with k - 1 degrees of
    freedom, one fewer than sources since the folds share training data.

    Args:
        residual: measured minus predicted gain, on sources the surrogate was not fitted to.
        deviation: predicted standard deviation.
        se: standard error of the measured gain.
        source: number of each residual's source.
        coverage: nominal coverage of the interval.

    Raises:
        ValueError: there are fewer than two sources.
    """
    sources, counts = np.unique(source, return_counts=True)
    if len(sources) < 2:
        raise ValueError("an interval needs at least two sources")
    share = 1 / counts[np.searchsorted(sources, source)] / len(sources)
    quantile = ndtri(0.5 + coverage / 2)
    if len(sources) >= MANY:
        level = min(1.0, coverage * (1 + 1 / len(sources)))
        needed = np.sqrt(np.maximum((residual / quantile) ** 2 - se**2, 0)) / deviation
        order = needed.argsort(kind="stable")
        reached = np.cumsum(share[order])
        return float(needed[order][min(np.searchsorted(reached, level - 1e-9), len(order) - 1)])
    beyond = np.maximum(residual**2 - se**2, 0) / deviation**2
    student = stdtrit(len(sources) - 1, 0.5 + coverage / 2)
    return float(np.sqrt(share @ beyond) * student / quantile)
