"""The belief against plain Gaussian conditioning, numeric integration and laws that hold or lie."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal, norm

from sweeper.repository.surrogates import belief
from sweeper.repository.surrogates.belief import Belief, Expected


def problem(seed=0, tried=5, running=2, others=6, factors=3):
    rng = np.random.default_rng(seed)
    number = tried + running + others
    points = rng.normal(size=(number, 2))
    expected = Expected(rng.normal(size=number), 0.5 * rng.normal(size=(number, factors)))
    scores = expected.mean[:tried] + 0.1 * rng.normal(size=tried)
    return points, expected, scores, np.full(tried, 0.1)


def conditioned(points, expected, scores, noise, trust, variance, width):
    """Condition one Gaussian on the scores, with its whole covariance; and their density."""
    tried = len(scores)
    near = np.exp(-0.5 * cdist(points, points, "sqeuclidean") / width**2)
    prior = expected.mean if trust else np.zeros(len(points))
    whole = belief.SHIFT + variance * near
    if trust:
        whole = whole + expected.factors @ expected.factors.T
    seen = whole[:tried, :tried] + np.diag(noise**2 + 1e-9)
    gain = whole[:, :tried] @ np.linalg.inv(seen)
    mean = prior + gain @ (scores - prior[:tried])
    left = whole - gain @ whole[:tried]
    return mean, left, multivariate_normal(prior[:tried], seen).pdf(scores)


def hypotheses():
    for trust, variances in ((True, belief.NEAR_PRIOR), (False, belief.ON_ITS_OWN)):
        share = belief.TRUST if trust else 1 - belief.TRUST
        for variance in variances:
            for width in belief.WIDTHS:
                yield trust, variance, width, share / (len(variances) * len(belief.WIDTHS))


@pytest.mark.parametrize("seed", range(3))
def test_mean_and_trust_are_the_average_of_conditioned_gaussians(seed):
    points, expected, scores, noise = problem(seed, running=0)
    weights, means, trusted = [], [], 0.0
    for trust, variance, width, share in hypotheses():
        mean, _, density = conditioned(points, expected, scores, noise, trust, variance, width)
        weights.append(share * density)
        means.append(mean)
        trusted += trust * share * density
    found = Belief.of(points, expected, scores, noise)
    assert found.expected == pytest.approx(np.average(means, axis=0, weights=weights), abs=1e-3)
    assert found.trust == pytest.approx(trusted / sum(weights), abs=1e-6)


def test_running_trials_leave_the_mean_and_take_their_uncertainty(monkeypatch):
    monkeypatch.setattr(belief, "WIDTHS", (1.0,))
    monkeypatch.setattr(belief, "NEAR_PRIOR", (0.1,))
    monkeypatch.setattr(belief, "ON_ITS_OWN", (0.4,))
    points, expected, scores, noise = problem(running=2)
    with_running = Belief.of(points, expected, scores, noise, running=2)
    without = Belief.of(points, expected, scores, noise)
    assert with_running.mean == pytest.approx(without.mean)
    for number, (trust, variance) in enumerate(((True, 0.1), (False, 0.4))):
        mean, _, _ = conditioned(points, expected, scores, noise, trust, variance, 1.0)
        outcomes = np.append(scores, mean[5:7])
        _, left, _ = conditioned(
            points, expected, outcomes, np.append(noise, [0.1, 0.1]), trust, variance, 1.0
        )
        assert with_running.deviation[number] == pytest.approx(np.sqrt(np.diag(left)), abs=1e-6)


def test_each_fantasy_is_what_conditioning_on_an_outcome_says(monkeypatch):
    monkeypatch.setattr(belief, "WIDTHS", (1.0,))
    monkeypatch.setattr(belief, "NEAR_PRIOR", (0.1,))
    monkeypatch.setattr(belief, "ON_ITS_OWN", (0.4,))
    points, expected, scores, noise = problem(running=2)
    found = Belief.of(points, expected, scores, noise, running=2)
    both = np.append(noise, [0.1, 0.1])
    for number, (trust, variance) in enumerate(((True, 0.1), (False, 0.4))):
        law = (trust, variance, 1.0)
        mean, left, _ = conditioned(points, expected, scores, noise, *law)
        # The draws, made to outcomes by the covariance of what is running and its noise.
        root = np.linalg.cholesky(left[5:7, 5:7] + np.diag([0.1**2 + 1e-9] * 2))
        for fantasy, draw in zip(found.fantasies[number], belief._draws(2), strict=True):
            outcomes = np.append(scores, mean[5:7] + root @ draw)
            after, _, _ = conditioned(points, expected, outcomes, both, *law)
            assert fantasy == pytest.approx(after, abs=1e-6)


def test_log_improvement_is_the_integral_over_what_exceeds_the_incumbent():
    points, expected, scores, noise = problem(running=1)
    found = Belief.of(points, expected, scores, noise, running=1)
    for place in range(len(points)):
        total = 0.0
        for share, means, deviation, incumbents in zip(
            found.probability,
            found.fantasies[:, :, place],
            found.deviation[:, place],
            found.incumbent,
            strict=True,
        ):
            for mean, best in zip(means, incumbents, strict=True):
                density = norm(mean, deviation).pdf
                top = mean + 12 * deviation
                if top > best:
                    area, _ = quad(lambda x: (x - best) * density(x), best, top)  # noqa: B023
                    total += share * area / len(means)
        assert np.exp(found.log_improvement[place]) == pytest.approx(total, rel=1e-4, abs=1e-9)


def test_a_batch_is_chosen_by_the_improvement_of_its_best(monkeypatch):
    """What a second setting adds beside one that is running, against draws of both together."""
    monkeypatch.setattr(belief, "WIDTHS", (1.0,))
    monkeypatch.setattr(belief, "NEAR_PRIOR", (0.1,))
    monkeypatch.setattr(belief, "ON_ITS_OWN", ())
    monkeypatch.setattr(belief, "TRUST", 1.0)
    monkeypatch.setattr(belief, "FANTASIES", 1024)
    points, expected, scores, _ = problem(running=1)
    noise = np.full(5, 1e-4)  # outcomes are what the settings gain
    mean, left, _ = conditioned(points, expected, scores, noise, True, 0.1, 1.0)
    best = mean[:5].max()
    rng, others = np.random.default_rng(0), range(6, 12)
    alone, joint = [], []
    for place in others:
        both = [5, place]
        drawn = rng.multivariate_normal(mean[both], left[np.ix_(both, both)], 200_000) - best
        alone.append(np.maximum(drawn[:, 0], 0).mean())
        joint.append(np.maximum(drawn.max(1), 0).mean())
    found = Belief.of(points, expected, scores, noise, running=1)
    added = np.exp(found.log_improvement[list(others)])
    assert added == pytest.approx(np.subtract(joint, alone), rel=0.05, abs=2e-3)


@pytest.mark.parametrize("z", [-1e3, -40.0, -30.0, -8.0, -1.0, 0.0, 3.0])
def test_improvement_far_below_the_incumbent_has_a_finite_logarithm(z):
    value = float(belief._log_h(np.array([z]))[0])
    assert np.isfinite(value)
    if z > -6:
        assert value == pytest.approx(np.log(norm.pdf(z) + z * norm.cdf(z)))
    else:  # φ(z) / z² to the leading order
        assert value == pytest.approx(norm.logpdf(z) - 2 * np.log(-z), abs=0.06)


def test_trust_falls_where_the_tasks_lie_and_stays_where_they_do_not():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 2))
    law = -((points - 0.5) ** 2).sum(1)
    noise = np.full(12, 0.02)
    factors = 0.3 * rng.normal(size=(40, 4))
    true = Belief.of(points, Expected(law, factors), law[:12], noise)
    lie = Belief.of(points, Expected(-law, factors), law[:12], noise)
    assert true.trust > 0.9
    assert lie.trust < 0.1
    # The untried settings are then known from the trials alone.
    assert np.corrcoef(lie.expected[12:], law[12:])[0, 1] > 0.5


def test_before_any_trial_the_expectation_decides():
    points, expected, _, _ = problem()
    nothing = np.zeros(0)
    found = Belief.of(points, expected, nothing, nothing)
    assert found.trust == pytest.approx(belief.TRUST)
    assert found.log_improvement.argmax() == expected.mean.argmax()


def test_where_nothing_is_known_all_settings_are_alike():
    points, *_ = problem()
    nothing = np.zeros(0)
    found = Belief.of(points, Expected.of_nothing(len(points)), nothing, nothing)
    assert np.ptp(found.expected) == 0
