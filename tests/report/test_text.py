import math

import pytest

from sweeper.report.text import count, duration, measured


@pytest.mark.parametrize(
    ("objective", "mean", "spread", "text"),
    [
        ("accuracy", 0.8125, 0.0091, "81.2 ± 0.9 %"),
        ("retrieval", 1.0, 0.0, "100.0 ± 0.0 %"),
        ("accuracy", 0.5, math.nan, "50.0 %"),
        ("compactness", 0.12345, 0.00987, "0.123 ± 0.010"),
        ("compactness", math.inf, math.nan, "inf"),
        ("accuracy", math.nan, math.nan, "–"),
    ],
)
def test_measured(objective, mean, spread, text):
    assert measured(objective, mean, spread) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 s"),
        (89, "89 s"),
        (91, "2 min"),
        (89 * 60, "89 min"),
        (7800, "2 h 10 min"),
        (86400, "24 h 0 min"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_count():
    assert count(1, "trial") == "1 trial"
    assert count(0, "trial") == "0 trials"
    assert count(60_000, "image") == "60,000 images"
    assert count(2, "class") == "2 classes"
    assert count(1, "class") == "1 class"
