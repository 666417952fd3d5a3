from collections.abc import Callable
from typing import Any

import pytest

from sweeper.search.study_file import StudySpec

STEPPED = {
    "m2": {"low": -0.2, "high": 0.8, "step": 0.5},
    "m3": {"low": -0.2, "high": 0.4, "step": 0.2},
    "scale": {"choices": [4, 16, 64]},
}
SMOOTH = {
    "m2": {"low": -0.2, "high": 0.8},
    "m3": {"low": -0.2, "high": 0.4},
    "scale": {"low": 2, "high": 128, "log": True},
}


@pytest.fixture
def study() -> Callable[..., StudySpec]:
    """Make a study on digits: a search of m2, m3 and scale unless settings are given."""

    def make(**content: Any) -> StudySpec:
        if content.get("kind") != "experiment":
            space = STEPPED if content.get("sampler") == "grid" else SMOOTH
            content = {"space": space} | content
        return StudySpec.from_content({"name": "s", "dataset": "digits"} | content, "test")

    return make
