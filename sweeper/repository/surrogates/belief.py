"""What a study's own trials say of its settings, on top of what other tasks let expect."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.linalg import solve_triangular
from scipy.spatial.distance import cdist
from scipy.special import log_ndtr, logsumexp, ndtr
from scipy.stats import qmc

from sweeper.repository.surrogates.coordinates import FloatArray

#: Variance of what the study's scores are all off by, compressed: its plain softmax is not known.
SHIFT = 1.0

#: Candidates of a hypothesis: by which variance, and over which distance, the task deviates.
WIDTHS, NEAR_PRIOR, ON_ITS_OWN = (1.0, 2.0), (0.02, 0.1, 0.4), (0.001, 0.01, 0.1, 1.0)

#: How probable it is, before any trial, that other tasks say something about this one.
TRUST = 0.65

#: How often it is drawn what the settings come to that are being tried; a power of two.
FANTASIES = 16

#: Hypotheses that are less probable than this are left out.
_NEGLIGIBLE = 1e-4


@dataclass(frozen=True)
class Expected:
    """Compressed gains that other tasks let expect, of n settings.

    Attributes:
        mean: ``[n]``.
        factors: ``[n, K]``; their products are the covariance.
    """

    mean: FloatArray
    factors: FloatArray

    @classmethod
    def of_nothing(cls, number: int) -> "Expected":
        """Return what is expected where nothing is known."""
        return cls(np.zeros(number), np.zeros((number, 0)))


@dataclass(frozen=True)
class Hypothesis:
    """The gains are a Gaussian process.

    Attributes:
        trust: whether it is one around what other tasks let expect, or around a constant.
        variance: of what it adds to that.
        width: length scale of what it adds, in units of the points.
    """

    trust: bool
    variance: float
    width: float


@dataclass(frozen=True, eq=False)
class Belief:
    """What is believed of settings: a Gaussian for each hypothesis, and how probable that is.

    Attributes:
        probability: of each hypothesis, ``[h]``.
        trust: how probable it is that the other tasks say something about this one.
        mean: of compressed gains, ``[h, n]``.
        fantasies: the means after each of F outcomes of what is being tried, ``[h, F, n]``; F is 1
            where nothing is.
        deviation: standard deviation of the gains after any of these, ``[h, n]``.
        incumbent: the best mean among the settings that were tried or are being tried, for each
            outcome, ``[h, F]``.
    """

    probability: FloatArray
    trust: float
    mean: FloatArray
    fantasies: FloatArray
    deviation: FloatArray
    incumbent: FloatArray

    @classmethod
    def of(
        cls,
        points: FloatArray,
        expected: Expected,
        scores: FloatArray,
        noise: FloatArray,
        running: int = 0,
    ) -> "Belief":
        """Return what is believed after some trials.

        Args:
            points: of all settings, ``[n, d]``: first those that were tried, then those that are
                being tried, then any others.
            expected: what other tasks let expect of all settings.
            scores: of the settings that were tried, compressed.
            noise: standard errors of these.
            running: number of settings that are being tried. What they come to is drawn, jointly,
                and improvement is averaged over it (Snoek et al. 2012, section 3.2), so that the
                next one is not beside them. Taking what improves most, one after another, is then
                the greedy choice of a batch by its expected improvement, as BoTorch's qLogEI with
                pending points (Ament et al. 2023). That one and Optuna's, which is private, are for
                Gaussian processes of their own, without the prior and the hypotheses of this one;
                here it is a line, since the draws move the means alone.
        """
        tried = len(scores)
        near = {
            w: np.exp(-0.5 * cdist(points, points[: tried + running], "sqeuclidean") / w**2)
            for w in WIDTHS
        }
        found = [
            _posterior(each, near[each.width], expected, scores, noise, running)
            for each in _hypotheses()
        ]
        evidence = np.array(
            [np.log(_prior(each)) + one[0] for each, one in zip(_hypotheses(), found, strict=True)]
        )
        probability = np.exp(evidence - logsumexp(evidence))
        trusted = np.array([each.trust for each in _hypotheses()])
        kept = probability > _NEGLIGIBLE
        mean, sway = (np.array([one[k] for one in found])[kept] for k in (1, 3))
        fantasies = mean[:, None] + _draws(running) @ sway
        return cls(
            probability[kept] / probability[kept].sum(),
            float(probability[trusted].sum()),
            mean,
            fantasies,
            np.array([one[2] for one in found])[kept],
            fantasies[:, :, : tried + running].max(2, initial=-np.inf),
        )

    @property
    def expected(self) -> FloatArray:
        """The mean over the hypotheses, ``[n]``."""
        return np.asarray(self.probability @ self.mean)

    @property
    def log_improvement(self) -> FloatArray:
        """The logarithm of the expected improvement on the incumbent, ``[n]``."""
        if np.isinf(self.incumbent).any():  # nothing to improve on: the best
            return self.expected
        z = (self.fantasies - self.incumbent[:, :, None]) / self.deviation[:, None]
        each = np.log(self.deviation)[:, None] + _log_h(z)
        share = self.probability[:, None, None] / z.shape[1]
        return np.asarray(logsumexp(each, axis=(0, 1), b=share))


def _draws(running: int) -> FloatArray:
    """Return standard normal draws, ``[F, running]``, spread evenly; always the same."""
    if running == 0:
        return np.zeros((1, 0))
    return np.asarray(qmc.MultivariateNormalQMC(np.zeros(running), rng=0).random(FANTASIES))


def _hypotheses() -> Iterator[Hypothesis]:
    for variance, width in product(NEAR_PRIOR, WIDTHS):
        yield Hypothesis(True, variance, width)
    for variance, width in product(ON_ITS_OWN, WIDTHS):
        yield Hypothesis(False, variance, width)


def _prior(hypothesis: Hypothesis) -> float:
    variances = NEAR_PRIOR if hypothesis.trust else ON_ITS_OWN
    share = TRUST if hypothesis.trust else 1 - TRUST
    return share / (len(variances) * len(WIDTHS))


def _posterior(
    hypothesis: Hypothesis,
    near: FloatArray,
    expected: Expected,
    scores: FloatArray,
    noise: FloatArray,
    running: int,
) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """Return the log evidence, and mean and deviation of all settings, ``[n]``.

    And what a standard normal draw for each of those that are being tried adds to the means,
    ``[running, n]``.
    """
    tried = len(scores)
    known = tried + running
    factors = expected.factors if hypothesis.trust else expected.factors[:, :0]
    prior = expected.mean if hypothesis.trust else np.zeros(len(near))
    across = SHIFT + factors @ factors[:known].T + hypothesis.variance * near
    whole = SHIFT + (factors**2).sum(1) + hypothesis.variance
    errors = np.append(noise, np.full(running, np.median(noise) if tried else 0.0))
    covariance = across[:known] + np.diag(errors**2 + 1e-9)
    away = scores - prior[:tried]
    root = np.linalg.cholesky(covariance)
    # Of a Cholesky factor the upper left block is that of what was tried.
    solved = solve_triangular(root[:tried, :tried], away, lower=True)
    evidence = -0.5 * float(solved @ solved) - float(np.log(np.diag(root)[:tried]).sum())
    explained = solve_triangular(root, across.T, lower=True)
    mean = prior + solved @ explained[:tried]
    variance = whole - (explained**2).sum(0)
    # Likewise its lower right block makes joint outcomes of such draws, given what was tried.
    return evidence, mean, np.sqrt(np.maximum(variance, 1e-9)), explained[tried:]


def _log_h(z: FloatArray) -> FloatArray:
    """Return ``log(φ(z) + z Φ(z))``, also where it is tiny (Ament et al. 2023, eq. 9)."""
    log_density = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
    direct = np.log(np.maximum(np.exp(log_density) + z * ndtr(z), 1e-300))
    # Mills' ratio: φ + zΦ = φ (1 + z Φ/φ), and for z far below 0 about φ / z².
    ratio = z * np.exp(np.clip(log_ndtr(z) - log_density, -700, 700))
    small = log_density + np.log(np.maximum(1 + ratio, 1e-300))
    far = log_density - 2 * np.log(np.maximum(np.abs(z), 1.0))
    return np.asarray(np.where(z > -1, direct, np.where(z > -30, small, far)))
