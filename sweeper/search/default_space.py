"""The ranges of margins and scale, where the user names none."""

from typing import Any

#: What is searched on a data set that comes without a study file, where the loss has it.
SPACE: dict[str, dict[str, Any]] = {
    "m1": {"low": 0.9, "high": 1.5},
    "m2": {"low": -0.2, "high": 0.8},
    "m3": {"low": -0.2, "high": 0.5},
    "scale": {"low": 2.0, "high": 128.0, "log": True},
}
