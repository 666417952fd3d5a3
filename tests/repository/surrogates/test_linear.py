import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from sweeper.repository.surrogates.linear import fit_linear


def test_with_a_wide_prior_it_is_weighted_least_squares(make_rows):
    rows = make_rows(lambda points, context: 2 + points[:, 1] - points[:, 3], noise=0.1)
    basis = np.column_stack([np.ones(len(rows)), rows.points[:, [1, 3]]])
    kernel = np.random.default_rng(0).uniform(0.1, 1, len(rows))
    posterior = fit_linear(basis, rows, np.full(3, 1e4), kernel)
    other = LinearRegression(fit_intercept=False).fit(basis, rows.gain, kernel)
    np.testing.assert_allclose(posterior.mean, other.coef_, rtol=1e-5)


def test_a_narrow_prior_holds_a_coefficient_at_zero(make_rows):
    rows = make_rows(lambda points, context: 2 + points[:, 1])
    basis = np.column_stack([np.ones(len(rows)), rows.points[:, 1]])
    posterior = fit_linear(basis, rows, np.array([10.0, 1e-6]))
    assert posterior.mean[1] == pytest.approx(0, abs=1e-3)


def test_the_deviation_grows_away_from_what_was_measured(make_rows):
    rows = make_rows(lambda points, context: points[:, 1])
    basis = np.column_stack([np.ones(len(rows)), rows.points[:, 1]])
    posterior = fit_linear(basis, rows, np.full(2, 10.0))
    _, (near, far) = posterior.predict(np.array([[1.0, 1.0], [1.0, 30.0]]))
    assert far > 1.5 * near
