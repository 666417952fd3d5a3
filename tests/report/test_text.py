import math

import pytest

from sweeper.report.text import measured


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
