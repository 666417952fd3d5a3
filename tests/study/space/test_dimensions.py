import math

import pytest
from pydantic import ValidationError

from sweeper.study.space.dimensions import Choices, Range, first_repeat


def test_a_step_makes_the_points_that_are_written():
    points = Range(low=-0.2, high=0.8, step=0.1).points()
    written = ["-0.2", "-0.1", "0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8"]
    assert points == tuple(float(text) for text in written)
    assert Range(low=-0.2, high=0.8, step=0.1).size == len(written)


def test_a_range_without_a_step_has_no_points():
    assert Range(low=0.0, high=1.0).size is None
    assert Range(low=0.0, high=1.0).points() == ()


@pytest.mark.parametrize(
    ("dimension", "middle"),
    [
        (Range(low=2.0, high=128.0, log=True), 16.0),
        (Range(low=1e-300, high=1e-100, log=True), 1e-200),
        (Range(low=-0.2, high=0.8), 0.3),
        (Choices(choices=(64.0, 2.0, 16.0)), 16.0),
        (Choices(choices=(4.0, 2.0)), 4.0),
    ],
)
def test_middle(dimension, middle):
    assert math.isclose(dimension.middle(), middle, rel_tol=1e-12)


@pytest.mark.parametrize(
    "values",
    [
        {"low": 1.0, "high": 1.0},
        {"low": 0.0, "high": 1.0, "log": True},
        {"low": 1.0, "high": 2.0, "log": True, "step": 0.5},
        {"low": 0.0, "high": 1.0, "step": 0.0},
        {"low": 0.0, "high": 1.0, "step": 0.3},
        {"low": 0.0, "high": 1.0, "step": 1e-9},
        {"low": -1.7e308, "high": 1.7e308},
        {"low": 0.0, "high": math.inf},
    ],
)
def test_a_range_that_cannot_be_searched_is_refused(values):
    with pytest.raises(ValidationError):
        Range(**values)


def test_repeated_choices_are_refused():
    assert first_repeat([1, 2, 3]) is None
    assert first_repeat([1, 2, 3, 2, 1]) == 2
    with pytest.raises(ValidationError, match="2 stands there twice"):
        Choices(choices=(2.0, 4.0, 2.0))


@pytest.mark.parametrize(
    ("dimension", "value", "nearest"),
    [
        (Range(low=-0.2, high=0.8), 0.123, 0.123),
        (Range(low=-0.2, high=0.8), 3.0, 0.8),
        (Range(low=2.0, high=128.0, log=True), 1.0, 2.0),
        (Range(low=-0.2, high=0.8, step=0.5), 0.2, 0.3),
        (Choices(choices=(64.0, 2.0, 16.0)), 20.0, 16.0),
    ],
)
def test_nearest(dimension, value, nearest):
    assert dimension.nearest(value) == nearest
