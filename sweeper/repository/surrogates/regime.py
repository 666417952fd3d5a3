"""How tasks are trained, as numbers: what of a plan moves the best margins."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.repository.plan import STARTS

#: The distance between two nets, and between two starts.
NET_DISTANCE = 0.5
START_DISTANCE = 2.0

#: The numbers of a plan, which count by their logarithms, and by what factor each is one step:
#: samples seen, images of a class, classes, images of a step, dimensions of the embedding. The
#: learning rate is one of a setting and not of a task.
FACTORS = {
    "samples": 3.0,
    "per_class": 3.0,
    "num_classes": 3.0,
    "batch_size": 4.0,
    "embedding": 4.0,
}


@dataclass(frozen=True)
class Regime:
    """Conversion of plans to numbers, with the ranges of the tasks it was created from.

    Attributes:
        nets: the known nets.
        starts: the known starts, in the order of `STARTS`.
        ranges: smallest and largest known value of each of the numbers.
    """

    nets: tuple[str, ...]
    starts: tuple[str, ...]
    ranges: Mapping[str, tuple[float, float]]

    @classmethod
    def of(cls, tasks: pd.DataFrame) -> "Regime":
        """Return the regime for the tasks of a fit."""
        return cls(
            tuple(sorted(set(tasks["net"]))),
            tuple(start for start in STARTS if (tasks["start"] == start).any()),
            {name: (float(v.min()), float(v.max())) for name, v in _sizes(tasks).items()},
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns of `of_tasks` are called, in order."""
        starts = (f"start {start}" for start in self.starts)
        return (*FACTORS, *starts, *(f"net {net}" for net in self.nets))

    def of_tasks(self, tasks: pd.DataFrame) -> NDArray[np.float64]:
        """Return the positions of tasks, ``[n, r]``.

        Logarithms in steps; starts and nets one-hot, so scaled that two are `START_DISTANCE` and
        `NET_DISTANCE` apart and an unknown one is nothing.
        """
        steps = [np.log(values) / np.log(FACTORS[name]) for name, values in _sizes(tasks).items()]
        starts = _one_hot(tasks["start"], self.starts) * (START_DISTANCE / np.sqrt(2))
        nets = _one_hot(tasks["net"], self.nets) * (NET_DISTANCE / np.sqrt(2))
        return np.column_stack([*steps, starts, nets])


def _sizes(tasks: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Return the numbers of each task's plan by name, each ``[n]``."""
    per_class = tasks["num_train"] / tasks["num_classes"]
    return {
        name: (per_class if name == "per_class" else tasks[name]).to_numpy(float)
        for name in FACTORS
    }


def _one_hot(values: pd.Series, known: tuple[str, ...]) -> NDArray[np.float64]:
    same = values.to_numpy()[:, None] == np.array(known, dtype=object)[None]
    return np.asarray(same, dtype=float)
