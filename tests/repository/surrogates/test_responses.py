import numpy as np
import pandas as pd
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

from sweeper.repository.surrogates.coordinates import points_with_rate
from sweeper.repository.surrogates.responses import Responses, Smoothing


def law(m2, log_scale, position):
    """The best m2 moves with the task."""
    return 0.05 - 0.2 * (m2 - 0.4 - position) ** 2 - 0.01 * (log_scale - 2.5) ** 2


@pytest.fixture
def gains(make_gains):
    return make_gains(law, np.linspace(-0.2, 0.2, 8))


def test_a_response_is_the_gaussian_process_of_another_library(gains):
    smoothing = Smoothing(variance=0.4, width=1.5, shift=0.3, own=0.1)
    responses = Responses.of(gains, smoothing)
    mean, one = responses.pooled(), responses.measured[2]
    points = one.points + 0.2
    kernel = ConstantKernel(0.4 * 0.3) + ConstantKernel(0.4 * 0.6) * RBF(1.5)
    other = GaussianProcessRegressor(kernel, alpha=one.se**2 + 0.04, optimizer=None)
    other.fit(one.points, one.gain - mean.at(one.points))
    expected = mean.at(points) + other.predict(points)
    np.testing.assert_allclose(responses.at(points, mean)[2], expected, rtol=1e-8)
    np.testing.assert_allclose(responses.of_task(2, points, mean), expected, rtol=1e-8)


def test_between_its_settings_a_task_follows_its_own_law(gains):
    responses = Responses.of(gains)
    grid = pd.DataFrame({"m1": 1.0, "m2": np.linspace(0.1, 0.7, 7), "m3": 0.0, "scale": 10.0})
    found = responses.compression.decompress(
        responses.at(points_with_rate(grid.assign(lr=1e-3)), responses.pooled())
    )
    for position, own in zip(np.linspace(-0.2, 0.2, 8), found, strict=True):
        true = law(grid["m2"].to_numpy(), np.log(10.0), position)
        np.testing.assert_allclose(own, true, atol=0.006)


def test_a_task_with_few_settings_follows_the_others_where_it_has_none(gains):
    """What was measured at three settings moves those around, not the far ones."""
    few = gains[(gains["task"] != "t000") | (gains["m2"] > 0.65)]
    responses = Responses.of(few, Smoothing(0.3, 1.0, 0.0, 0.05))
    points = responses.measured[1].points
    near = points[:, 1] > 0.65 / 0.3
    mean = responses.pooled()
    away = np.abs(responses.at(points, mean)[0] - mean.at(points))
    assert away[near].mean() > 5 * away[points[:, 1] < 0.2 / 0.3].mean()
    informed = responses.informed(points)[0]
    assert informed[near].min() > 0.8
    assert informed[points[:, 1] < 0.2 / 0.3].max() < 0.2


def test_a_left_out_task_is_not_in_the_mean(gains):
    responses = Responses.of(gains)
    known = np.arange(8) < 7
    odd = gains.assign(gain=gains["gain"].where(gains["task"] != "t007", -0.5))
    other = Responses.of(odd, responses.smoothing)
    points = responses.measured[0].points
    unit = other.compression.unit / responses.compression.unit
    assert unit == pytest.approx(1, rel=0.5)  # a choice of units, by all tasks
    first = responses.compression.decompress(responses.pooled(known).at(points))
    second = other.compression.decompress(other.pooled(known).at(points))
    np.testing.assert_allclose(first, second, atol=0.003)
