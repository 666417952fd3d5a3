"""Settings and tasks as numeric features for surrogates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.repository.baselines import fixed_adacos_scale
from sweeper.repository.surrogates.regime import Regime

FloatArray = NDArray[np.float64]

#: A typical setting (m1, m2, m3, ln s), and changes of each that matter about equally.
CENTER = np.array([1.0, 0.0, 0.0, np.log(16.0)])
UNIT = np.array([0.25, 0.3, 0.25, 1.0])


@dataclass(frozen=True)
class DesignRows:
    """Settings with margins on tasks, one row each; a loss is represented by margins and scale.

    All margin losses are one function of them (see `losses.combined`), so the loss's name adds
    nothing. Plain softmax has no row, since its gain is 0.

    Attributes:
        points: m1, m2, m3, ln s, in `UNIT` from `CENTER`, ``[n, 4]``.
        offset: ln s minus ln of the formula's scale (AdaCos, fixed), ``[n]``.
        context: the task's standardized meta-features over √p, then how it is trained, see
            `Regime.names`, ``[n, c]``.
        features: number of meta-features among the columns of the context.
        task, source: their numbers, ``[n]``.
        gain, se: compressed gain over plain softmax and its standard error, ``[n]``.
    """

    points: FloatArray
    offset: FloatArray
    context: FloatArray
    features: int
    task: NDArray[np.int64]
    source: NDArray[np.int64]
    gain: FloatArray
    se: FloatArray

    def at(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "DesignRows":
        """Return some of the rows."""
        return DesignRows(
            self.points[chosen],
            self.offset[chosen],
            self.context[chosen],
            self.features,
            self.task[chosen],
            self.source[chosen],
            self.gain[chosen],
            self.se[chosen],
        )

    def __len__(self) -> int:
        return len(self.points)

    @property
    def pictures(self) -> FloatArray:
        """The columns of the context that are meta-features, ``[n, p]``."""
        return self.context[:, : self.features]

    @property
    def regime(self) -> FloatArray:
        """The columns of the context that say how the task is trained, ``[n, r]``."""
        return self.context[:, self.features :]


@dataclass(frozen=True)
class Compression:
    """``asinh(gain / unit)``: about linear for typical gains, logarithmic for a collapse.

    A collapsed setting loses 80 points where good ones differ by one; squared, it would dominate a
    fit. The function is monotone, so it preserves quantiles and thus intervals.
    """

    unit: float

    @classmethod
    def of(cls, gains: pd.DataFrame) -> "Compression":
        """Return the compression for a table of gains, with twice their median size as unit."""
        size = float(np.median(np.abs(gains["gain"]))) if len(gains) else 0.0
        noise = float(np.median(gains["gain_se"])) if len(gains) else 0.0
        return cls(max(2 * size, noise, 1e-6))

    def compress_gain(self, gain: FloatArray) -> FloatArray:
        """Return compressed gains."""
        return np.arcsinh(gain / self.unit)

    def compress_error(self, gain: FloatArray, se: FloatArray) -> FloatArray:
        """Return the standard errors of compressed gains, to first order."""
        return np.asarray(se / self.unit / np.sqrt(1 + (gain / self.unit) ** 2))

    def decompress(self, compressed: FloatArray) -> FloatArray:
        """Return the gains for compressed ones."""
        return np.asarray(self.unit * np.sinh(compressed))


@dataclass(frozen=True)
class Design:
    """Conversion of tables to rows, standardized on the tasks it was created from.

    Attributes:
        features: names of the meta-features.
        mean, spread: mean and standard deviation of each; a spread of 0 drops the meta-feature.
        regime: how the tasks are trained.
        compression: compression of the gains.
    """

    features: tuple[str, ...]
    mean: FloatArray
    spread: FloatArray
    regime: Regime
    compression: Compression

    @classmethod
    def of(
        cls,
        tasks: pd.DataFrame,
        gains: pd.DataFrame,
        features: Sequence[str],
        compression: Compression,
    ) -> "Design":
        """Return the design for the tasks and gains of a fit."""
        values = tasks[list(features)].to_numpy(float)
        spread = values.std(0)
        # Rounding can leave a tiny spread of equal numbers, which would be scaled up to one.
        spread[spread <= 1e-9 * np.abs(values).max(0, initial=0.0)] = 0.0
        return cls(
            tuple(features),
            values.mean(0),
            spread,
            Regime.of(tasks, gains),
            compression,
        )

    def never_varied(self, task: pd.DataFrame) -> list[str]:
        """Return the meta-features that are the same in all known tasks but not in this one."""
        values = task[list(self.features)].to_numpy(float)[0]
        differs = (self.spread == 0) & ~np.isclose(values, self.mean)
        return [name for name, odd in zip(self.features, differs, strict=True) if odd]

    def features_of(self, tasks: pd.DataFrame) -> FloatArray:
        """Return the standardized meta-features over √p: distances are root mean squares."""
        varied = self.spread > 0
        values = tasks[list(self.features)].to_numpy(float)[:, varied]
        standard = (values - self.mean[varied]) / self.spread[varied]
        return np.asarray(standard / np.sqrt(max(1, varied.sum())))

    def rows(self, gains: pd.DataFrame, tasks: pd.DataFrame) -> DesignRows:
        """Return the rows for settings with margins.

        Args:
            gains: `task`, the setting's columns, and if known `gain` and `gain_se`.
            tasks: all tasks named in `gains`.
        """
        index = pd.Index(tasks["id"])
        of_task = index.get_indexer(gains["task"])
        formula = np.array([np.log(fixed_adacos_scale(int(c))) for c in tasks["num_classes"]])
        features = self.features_of(tasks)
        of_tasks = np.hstack([features, self.regime.of_tasks(tasks)])
        rates = self.regime.of_rates(gains["lr"].to_numpy(float))
        gain = gains["gain"].to_numpy(float) if "gain" in gains else np.zeros(len(gains))
        se = gains["gain_se"].to_numpy(float) if "gain_se" in gains else np.zeros(len(gains))
        return DesignRows(
            points=points_of(gains),
            offset=np.log(gains["scale"].to_numpy(float)) - formula[of_task],
            context=np.column_stack([of_tasks[of_task], rates]),
            features=features.shape[1],
            task=of_task.astype(np.int64),
            source=pd.factorize(tasks["source"], sort=True)[0].astype(np.int64)[of_task],
            gain=self.compression.compress_gain(gain),
            se=self.compression.compress_error(gain, se),
        )


def points_of(settings: pd.DataFrame) -> FloatArray:
    """Return m1, m2, m3 and ln s of settings, in `UNIT` from `CENTER`, ``[n, 4]``."""
    margins = settings[["m1", "m2", "m3"]].to_numpy(float)
    log_scale = np.log(settings["scale"].to_numpy(float))
    return np.asarray((np.column_stack([margins, log_scale]) - CENTER) / UNIT)
