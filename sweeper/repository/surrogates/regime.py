"""How tasks are trained, as numbers: what of a plan moves the best margins."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.repository.plan import STARTS

#: The distance between two nets, and between two starts; that between tasks is typically about 1.
NET_DISTANCE = 0.5
START_DISTANCE = 0.5

#: The numbers of a plan, which count by their logarithms: samples seen, images of a class, classes,
#: images of a step, dimensions of the embedding.
SIZES = ("samples", "per_class", "num_classes", "batch_size", "embedding")

#: All of them; the learning rate is one of a setting and not of a task.
NUMBERS = (*SIZES, "lr")


@dataclass(frozen=True)
class Regime:
    """Conversion of plans to numbers, with the ranges of the tasks it was created from.

    Attributes:
        nets: the known nets.
        starts: the known starts, in the order of `STARTS`.
        ranges: smallest and largest known value of each of `NUMBERS`; values beyond are clipped.
    """

    nets: tuple[str, ...]
    starts: tuple[str, ...]
    ranges: Mapping[str, tuple[float, float]]

    @classmethod
    def of(cls, tasks: pd.DataFrame, gains: pd.DataFrame) -> "Regime":
        """Return the regime for the tasks and gains of a fit."""
        values = {**_sizes(tasks), "lr": gains["lr"].to_numpy(float)}
        return cls(
            tuple(sorted(set(tasks["net"]))),
            tuple(start for start in STARTS if (tasks["start"] == start).any()),
            {name: (float(each.min()), float(each.max())) for name, each in values.items()},
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns of `of_tasks` and `of_rates` are called, in order."""
        starts = (f"start {start}" for start in self.starts)
        return (*SIZES, *starts, *(f"net {net}" for net in self.nets), "lr")

    def of_tasks(self, tasks: pd.DataFrame) -> NDArray[np.float64]:
        """Return all columns but the learning rate's, ``[n, r - 1]``.

        Logarithms as positions in the known range, from -0.5 to 0.5; starts and nets one-hot, so
        scaled that two are `START_DISTANCE` and `NET_DISTANCE` apart and an unknown one is nothing.
        """
        columns = [self._position(name, values) for name, values in _sizes(tasks).items()]
        starts = _one_hot(tasks["start"], self.starts) * (START_DISTANCE / np.sqrt(2))
        nets = _one_hot(tasks["net"], self.nets) * (NET_DISTANCE / np.sqrt(2))
        return np.column_stack([*columns, starts, nets])

    def of_rates(self, lr: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the column of learning rates ``[n]``."""
        return self._position("lr", lr)

    def _position(self, name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        low, high = np.log(self.ranges[name])
        if high <= low:
            return np.zeros(len(values))
        inside = np.clip(np.log(values), low, high)
        return np.asarray((inside - low) / (high - low) - 0.5)


def _sizes(tasks: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Return the numbers of each task's plan by name, each ``[n]``."""
    per_class = tasks["num_train"] / tasks["num_classes"]
    return {
        name: (per_class if name == "per_class" else tasks[name]).to_numpy(float) for name in SIZES
    }


def _one_hot(values: pd.Series, known: tuple[str, ...]) -> NDArray[np.float64]:
    same = values.to_numpy()[:, None] == np.array(known, dtype=object)[None]
    return np.asarray(same, dtype=float)
