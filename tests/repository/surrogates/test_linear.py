import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from sweeper.repository.surrogates.linear import fit_linear
from sweeper.repository.surrogates.noise import Rows


@pytest.fixture
def line(make_rows):
    """Gains 2 + x with noise, and the basis 1, x."""
    rows = make_rows(noise=0.1)
    x = np.random.default_rng(1).uniform(-1, 3, len(rows.gain))
    return np.column_stack([np.ones(len(x)), x]), Rows(rows.gain + 2 + x, rows.se, rows.source)


def test_with_a_wide_prior_it_is_least_squares(line):
    basis, rows = line
    other = LinearRegression(fit_intercept=False).fit(basis, rows.gain)
    np.testing.assert_allclose(fit_linear(basis, rows, np.full(2, 1e4)), other.coef_, rtol=1e-5)


def test_a_narrow_prior_holds_a_coefficient_at_zero(line):
    basis, rows = line
    assert fit_linear(basis, rows, np.array([10.0, 1e-6]))[1] == pytest.approx(0, abs=1e-3)


def test_a_source_with_many_rows_does_not_outvote_the_others():
    """Nine sources at 0 with two rows each, one at 1 with two hundred, each moving as one."""
    source = np.append(np.repeat(np.arange(9), 2), np.full(200, 9))
    gain = (source == 9).astype(float)
    rows = Rows(gain, np.full(len(gain), 1e-3), source)
    mean = fit_linear(np.ones((len(gain), 1)), rows, np.array([10.0]))
    assert mean[0] < 0.3
