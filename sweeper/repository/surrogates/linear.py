"""Weighted Bayesian linear regression in closed form (Bishop 2006, equations 3.49 to 3.51)."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.repository.surrogates.noise import Rows, estimate_noise


def fit_linear(basis: FloatArray, rows: Rows, prior: FloatArray) -> FloatArray:
    """Return the posterior mean of the coefficients, ``[p]``.

    Alternates between fitting and estimating the noise from the residuals.

    Args:
        basis: ``[n, p]``.
        rows: gains, errors and sources of the n rows.
        prior: standard deviation of each coefficient, ``[p]``, in units of the gains' spread.
    """
    spread = max(float(np.sqrt(np.mean(rows.gain**2))), 1e-4)
    precision = 1 / (prior * spread) ** 2
    noise = estimate_noise(rows, rows.gain - rows.gain.mean())
    for _ in range(3):
        weights = noise.weights(rows)
        gram = (basis * weights[:, None]).T @ basis
        factor = cho_factor(gram + np.diag(precision))
        mean = np.asarray(cho_solve(factor, basis.T @ (weights * rows.gain)))
        noise = estimate_noise(rows, rows.gain - basis @ mean)
    return mean
