"""Where tasks stand: how they are trained, and what their data look like."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.repository.surrogates.regime import Regime

#: Meta-features that say again what the regime says.
_COUNTS = {"log_classes", "log_images", "log_per_class_mean", "log_scale_adacos"}
_COUNTS |= {"log_scale_cosface_900", "log_scale_cosface_999", "is_embedding"}

#: The share of a meta-feature's values at either end that does not count for what is usual, and how
#: many of their standard deviations the others may be away. No shipped task is further.
_TRIMMED, _BEYOND = 0.02, 15.0


@dataclass(frozen=True)
class Context:
    """Conversion of tasks to positions, standardized on the tasks it was created from.

    Attributes:
        regime: that of the training.
        features: names of the meta-features of the data that vary.
        mean, spread: mean and standard deviation of each.
        constant: the meta-features that are the same in all known tasks, with their value.
    """

    regime: Regime
    features: tuple[str, ...]
    mean: FloatArray
    spread: FloatArray
    constant: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, tasks: pd.DataFrame, features: Sequence[str]) -> "Context":
        """Return the context for the tasks of a fit."""
        names = [name for name in features if name not in _COUNTS]
        values = _without_outliers(tasks[names].to_numpy(float))
        spread = values.std(0)
        # Rounding can leave a tiny spread of equal numbers, which would be scaled up to one.
        varied = spread > 1e-9 * np.abs(values).max(0, initial=0.0)
        return cls(
            Regime.of(tasks),
            tuple(name for name, keep in zip(names, varied, strict=True) if keep),
            values.mean(0)[varied],
            spread[varied],
            tuple((n, float(values[0, i])) for i, n in enumerate(names) if not varied[i]),
        )

    def never_varied(self, task: pd.DataFrame) -> list[str]:
        """Return the meta-features that are the same in all known tasks but not in this one."""
        row = task.iloc[0]
        return [name for name, value in self.constant if not np.isclose(float(row[name]), value)]

    def pictures(self, tasks: pd.DataFrame) -> FloatArray:
        """Return the standardized meta-features over √p: distances are root mean squares."""
        values = tasks[list(self.features)].to_numpy(float)
        return np.asarray((values - self.mean) / self.spread / np.sqrt(max(1, len(self.features))))


def _without_outliers(values: FloatArray) -> FloatArray:
    """Return the columns with numbers far beyond all others moved in.

    Otherwise a single task that is not like any other would make all others look alike. Its own
    place stays where it is, far from them.
    """
    low, high = np.quantile(values, (_TRIMMED, 1 - _TRIMMED), axis=0)
    usual = np.ma.masked_where((values < low) | (values > high), values)
    center, reach = np.median(values, 0), _BEYOND * usual.std(0).filled(0.0)
    # Where nearly all are the same there is no telling what is far.
    reach[reach <= 0] = np.inf
    return np.clip(values, center - reach, center + reach)
