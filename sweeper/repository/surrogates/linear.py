"""Weighted Bayesian linear regression in closed form (Bishop 2006, equations 3.49 to 3.51)."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray
from sweeper.repository.surrogates.noise import Noise, estimate_noise


@dataclass(frozen=True)
class Posterior:
    """The normal posterior of coefficients: mean ``[p]``, covariance ``[p, p]``, and the noise."""

    mean: FloatArray
    covariance: FloatArray
    noise: Noise

    def predict(self, basis: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of a new task's gain for a basis ``[n, p]``."""
        variance = np.einsum("ij,jk,ik->i", basis, self.covariance, basis)
        return basis @ self.mean, np.sqrt(np.maximum(variance, 0) + self.noise.tau2)


def fit_linear(
    basis: FloatArray, rows: DesignRows, prior: FloatArray, kernel: FloatArray | None = None
) -> Posterior:
    """Alternate between fitting and estimating the noise from the residuals.

    Args:
        basis: ``[n, p]``.
        rows: gains, errors and sources of the n rows.
        prior: standard deviation of each coefficient, ``[p]``, in units of the gains' spread.
        kernel: weight of each row, ``[n]``; equal by default.
    """
    spread = max(float(np.sqrt(np.mean(rows.gain**2))), 1e-4)
    precision = 1 / (prior * spread) ** 2
    noise = estimate_noise(rows, rows.gain - rows.gain.mean(), kernel)
    for _ in range(3):
        weights = noise.weights(rows)
        if kernel is not None:
            weights = weights * kernel
        gram = (basis * weights[:, None]).T @ basis
        factor = cho_factor(gram + np.diag(precision))
        mean = cho_solve(factor, basis.T @ (weights * rows.gain))
        noise = estimate_noise(rows, rows.gain - basis @ mean, kernel)
    return Posterior(mean, cho_solve(factor, np.eye(len(mean))), noise)
