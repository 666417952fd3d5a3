import numpy as np
import pytest

from sweeper.repository.surrogates.noise import Noise, Rows, estimate_noise


def test_what_seeds_explain_is_no_difference_of_tasks(make_rows):
    rows = make_rows(sources=60, noise=0.5)
    noise = estimate_noise(rows, rows.gain)
    assert noise.tau2 < 0.1 * 0.25
    assert noise.rho < 0.05


def test_the_variance_between_tasks_and_its_common_share_are_found(make_rows):
    rows = make_rows(sources=400, noise=0.5, shift=1.0)
    noise = estimate_noise(rows, rows.gain)
    assert noise.tau2 == pytest.approx(1.0, rel=0.15)
    assert noise.rho == pytest.approx(1 / 1.25, rel=0.1)


def test_rows_that_move_together_count_as_one(make_rows):
    rows = make_rows(sources=2, settings=10)
    together = Noise(1.0, 1.0).weights(rows)
    apart = Noise(1.0, 0.0).weights(rows)
    np.testing.assert_allclose(apart, 10 * together)
    np.testing.assert_allclose(apart, 1 / (rows.se**2 + 1))


def test_each_source_has_one_vote(make_rows):
    rows = make_rows(sources=2, settings=10)
    residual = np.where(rows.source == 0, 1.0, 3.0)
    few = np.arange(11)
    rest = Rows(rows.gain[few], rows.se[few], rows.source[few])
    assert estimate_noise(rows, residual).tau2 == pytest.approx(5 - 0.02**2)
    assert estimate_noise(rest, residual[few]).tau2 == pytest.approx(5 - 0.02**2)
