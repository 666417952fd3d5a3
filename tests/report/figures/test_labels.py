"""Places of labels against every arrangement, tried one by one."""

import itertools

import numpy as np
import pytest

from sweeper.report.figures.labels import spread


def test_labels_with_room_stay_where_they_are():
    values = np.array([3.0, 1.0, 2.0])
    assert spread(values, 0.9, 0.0, 4.0) == pytest.approx(values)


@pytest.mark.parametrize(
    "values", [(1, 1, 1), (0.9, 1, 3), (0, 0, 0.5), (4, 3.9, 3.8), (9, -9, 0), (2, 1, 1.5)]
)
def test_places_are_the_nearest_that_are_apart(values):
    """On a grid of halves, between 0 and 4 and at least 1 apart."""
    order = np.argsort(values, kind="stable")
    inside = np.clip(values, 0, 4)
    grid = np.arange(0, 4.01, 0.05)
    best = min(
        (
            places
            for places in itertools.combinations(grid, 3)
            if places[1] - places[0] >= 1 - 1e-9 and places[2] - places[1] >= 1 - 1e-9
        ),
        key=lambda places: ((np.array(places) - inside[order]) ** 2).sum(),
    )
    found = spread(inside, 1.0, 0.0, 4.0)[order]
    assert found == pytest.approx(best, abs=0.051)
    assert np.diff(found).min() >= 1 - 1e-9
    assert (found[0], found[-1]) >= (-1e-9, 0)
    assert found[-1] <= 4 + 1e-9


def test_too_many_labels_leave_downwards_nothing_and_keep_their_order():
    found = spread(np.linspace(0, 1, 9), 0.5, 0.0, 1.0)
    assert np.diff(found) == pytest.approx(0.5)
    assert found[0] == 0
