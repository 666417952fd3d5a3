"""What was measured of one trial, and what is stored of that."""

import math
from dataclasses import dataclass
from typing import Self

from torch import Tensor

from sweeper.store import ClassRecord
from sweeper.training import Measures


@dataclass(frozen=True)
class TrialMeasures:
    """The measures of one trial, each with the leading dimension ``[R]``, one for each seed.

    The attributes are those of `sweeper.training.Measures`.
    """

    values: dict[str, Tensor]
    recall: Tensor
    spread: Tensor
    plain_spread: Tensor
    confusion: Tensor

    @classmethod
    def of(cls, measures: Measures, k: int) -> Self:
        """Return those of the trial with the index `k` in an array."""
        return cls(
            {name: value[:, k] for name, value in measures.values.items()},
            measures.recall[:, k],
            measures.spread[:, k],
            measures.plain_spread[:, k],
            measures.confusion[:, k],
        )

    def mean(self, name: str) -> float:
        """Return the mean of a value over the seeds."""
        return self.values[name].mean().item()

    def of_seeds(self, name: str) -> tuple[float, ...]:
        """Return a value of each seed."""
        return tuple(self.values[name].tolist())

    def of_seed(self, seed: int) -> dict[str, float]:
        """Return the values of a seed by name."""
        return {name: value[seed].item() for name, value in self.values.items()}

    def undefined_seeds(self, objectives: tuple[str, ...]) -> list[int]:
        """Return the seeds of which an objective is NaN."""
        columns = zip(*(self.values[name].tolist() for name in objectives), strict=True)
        return [seed for seed, values in enumerate(columns) if any(map(math.isnan, values))]

    def classes(self, seed: int) -> tuple[ClassRecord, ...]:
        """Return the measures per class of a seed."""
        of = (self.recall, self.spread, self.plain_spread)
        columns = zip(*(measure[seed].tolist() for measure in of), strict=True)
        return tuple(ClassRecord(index, *numbers) for index, numbers in enumerate(columns))

    def confusions(self, seed: int) -> tuple[tuple[int, int, int], ...]:
        """Return the confusion matrix of a seed without its zeros, see `SeedRecord`."""
        counts = self.confusion[seed]
        true, predicted = counts.nonzero(as_tuple=True)
        columns = (true.tolist(), predicted.tolist(), counts[true, predicted].tolist())
        return tuple(zip(*columns, strict=True))
