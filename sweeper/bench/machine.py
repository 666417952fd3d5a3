"""The machine and the versions that a benchmark ran on."""

import platform
from typing import Any

import optuna
import torch

from sweeper import __version__
from sweeper.cpuinfo import model_name
from sweeper.launch.planning import cores
from sweeper.training.precision import bfloat16_instructions


def describe() -> dict[str, Any]:
    """Return processor, cores and versions."""
    return {
        "processor": model_name(),
        "cores": cores(),
        "bfloat16": bfloat16_instructions() or "none",
        "sweeper": __version__,
        "torch": torch.__version__,
        "optuna": optuna.__version__,
        "python": platform.python_version(),
    }
