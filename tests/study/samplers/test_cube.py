import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.study.samplers.cube import NEARBY, SPREAD, Cube
from sweeper.study.space.dimensions import Choices, Dimension, Range

SPACE: dict[str, Dimension] = {
    "m2": Range(low=-0.2, high=0.8),
    "scale": Range(low=2, high=128, log=True),
    "m3": Range(low=0.0, high=0.5, step=0.1),
    "lr": Choices(choices=(3e-3, 3e-4, 1e-3)),
}


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_settings_are_of_the_space_and_keep_their_places(shares):
    cube = Cube(SPACE)
    (setting,) = cube.settings(np.array([shares]))
    for name, dimension in SPACE.items():
        assert setting[name] == pytest.approx(dimension.nearest(setting[name]), abs=1e-12)
    again = cube.shares([setting])
    assert again[0, :2] == pytest.approx(shares[:2], abs=1e-12)
    assert cube.settings(again) == [pytest.approx(setting)]


def test_the_middle_of_a_logarithmic_range_is_its_geometric_mean():
    (setting,) = Cube(SPACE).settings(np.full((1, 4), 0.5))
    assert setting == pytest.approx({"m2": 0.3, "scale": 16.0, "m3": 0.2, "lr": 1e-3})


def test_points_are_spread_over_all_axes_and_some_leave_a_margin_out():
    cube = Cube(SPACE)
    points = cube.spread(np.random.default_rng(0))
    assert points.shape == (SPREAD, 4)
    assert points.min() >= 0
    assert points.max() <= 1
    m2 = np.array([setting["m2"] for setting in cube.settings(points)])
    assert 0.2 < np.mean(m2 == 0.0) < 0.3
    drawn = np.histogram(m2[m2 != 0.0], bins=5, range=(-0.2, 0.8))[0]
    assert drawn.min() > 0.15 * (m2 != 0.0).sum()


def test_points_nearby_stay_in_the_cube_and_near():
    cube = Cube(SPACE)
    point = np.array([[0.0, 0.5, 1.0, 0.5]])
    near = cube.nearby(point, np.random.default_rng(0))
    assert near.shape == (NEARBY, 4)
    assert near.min() >= 0
    assert near.max() <= 1
    assert np.median(np.abs(near - point).max(1)) < 0.25
