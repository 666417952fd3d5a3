"""Settings and tasks as numbers that a surface can be fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.repository.baselines import fixed_adacos_scale

FloatArray = NDArray[np.float64]

#: The margins and ln s of a plain middle, and how much of each makes about as much difference.
CENTER = np.array([1.0, 0.0, 0.0, np.log(16.0)])
UNIT = np.array([0.25, 0.3, 0.25, 1.0])

#: How far apart two nets are, beside tasks whose distance is typically about 1.
NET_DISTANCE = 0.5


@dataclass(frozen=True)
class DesignRows:
    """Settings with margins on tasks, one row each; a loss enters by its margins and scale alone.

    All margin losses are one function of them (see `losses.combined`), so the loss's name says
    nothing more; plain softmax is no row, its gain being 0.

    Attributes:
        points: m1, m2, m3, ln s, in `UNIT` from `CENTER`, ``[n, 4]``.
        offset: ln s less ln of the formula's scale (AdaCos, fixed), ``[n]``.
        context: of the task: standardized meta-features over √p, then ln epochs, ln of the learning
            rate, and the nets, ``[n, c]``.
        features: how many of the context's columns are meta-features.
        task, source: a number for each, ``[n]``.
        gain, se: over plain softmax, compressed, and its standard error, ``[n]``.
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


@dataclass(frozen=True)
class Compression:
    """``asinh(gain / unit)``: about linear for the gains that matter, a logarithm for a collapse.

    A setting that collapses loses 80 points where good ones differ by one; squared, it would be all
    that a fit looks at. Being monotone, it keeps quantiles, and so intervals.
    """

    unit: float

    @classmethod
    def of(cls, gains: pd.DataFrame) -> "Compression":
        """Return the compression that suits a table of gains: twice their median size."""
        size = float(np.median(np.abs(gains["gain"]))) if len(gains) else 0.0
        noise = float(np.median(gains["gain_se"])) if len(gains) else 0.0
        return cls(max(2 * size, noise, 1e-6))

    def of_gain(self, gain: FloatArray) -> FloatArray:
        """Return gains compressed."""
        return np.arcsinh(gain / self.unit)

    def of_error(self, gain: FloatArray, se: FloatArray) -> FloatArray:
        """Return the standard errors of compressed gains, to first order."""
        return np.asarray(se / self.unit / np.sqrt(1 + (gain / self.unit) ** 2))

    def undone(self, compressed: FloatArray) -> FloatArray:
        """Return gains from compressed ones."""
        return np.asarray(self.unit * np.sinh(compressed))


@dataclass(frozen=True)
class Design:
    """How rows are made of tables; standardized on the tasks that it was made from.

    Attributes:
        features: the meta-features, by name.
        mean, spread: of each over those tasks; a spread of 0 leaves the meta-feature out.
        nets: known nets.
        epochs, lr: smallest and largest seen; what is beyond counts as the nearest of them.
        compression: of the gains.
    """

    features: tuple[str, ...]
    mean: FloatArray
    spread: FloatArray
    nets: tuple[str, ...]
    epochs: tuple[float, float]
    lr: tuple[float, float]
    compression: Compression

    @classmethod
    def of(
        cls,
        tasks: pd.DataFrame,
        gains: pd.DataFrame,
        features: Sequence[str],
        compression: Compression,
    ) -> "Design":
        """Return the design for the tasks and gains that surfaces are to be fitted to."""
        values = tasks[list(features)].to_numpy(float)
        spread = values.std(0)
        # Of equal numbers rounding can leave a spread, which would be blown up to one.
        spread[spread <= 1e-9 * np.abs(values).max(0, initial=0.0)] = 0.0
        return cls(
            tuple(features),
            values.mean(0),
            spread,
            tuple(sorted(set(tasks["net"]))),
            (float(tasks["epochs"].min()), float(tasks["epochs"].max())),
            (float(gains["lr"].min()), float(gains["lr"].max())),
            compression,
        )

    def never_varied(self, task: pd.DataFrame) -> list[str]:
        """Return the meta-features in which one task differs from all others, which are alike."""
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
        """Return the rows of settings with margins.

        Args:
            gains: `task`, the setting's columns, and `gain` and `gain_se` where they are known.
            tasks: has every task that is named there.
        """
        index = pd.Index(tasks["id"])
        of_task = index.get_indexer(gains["task"])
        formula = np.array([np.log(fixed_adacos_scale(int(c))) for c in tasks["num_classes"]])
        measured = self.features_of(tasks)
        nets = tasks["net"].to_numpy()[:, None] == np.array(self.nets, dtype=object)[None]
        of_tasks = np.hstack(
            [
                measured,
                _within(tasks["epochs"].to_numpy(float), self.epochs)[:, None],
                nets * (NET_DISTANCE / np.sqrt(2)),
            ]
        )
        rate = _within(gains["lr"].to_numpy(float), self.lr)
        gain = gains["gain"].to_numpy(float) if "gain" in gains else np.zeros(len(gains))
        se = gains["gain_se"].to_numpy(float) if "gain_se" in gains else np.zeros(len(gains))
        return DesignRows(
            points=points_of(gains),
            offset=np.log(gains["scale"].to_numpy(float)) - formula[of_task],
            context=np.column_stack([of_tasks[of_task], rate]),
            features=measured.shape[1],
            task=of_task.astype(np.int64),
            source=pd.factorize(tasks["source"], sort=True)[0].astype(np.int64)[of_task],
            gain=self.compression.of_gain(gain),
            se=self.compression.of_error(gain, se),
        )


def points_of(settings: pd.DataFrame) -> FloatArray:
    """Return m1, m2, m3 and ln s of settings, in `UNIT` from `CENTER`, ``[n, 4]``."""
    margins = settings[["m1", "m2", "m3"]].to_numpy(float)
    log_scale = np.log(settings["scale"].to_numpy(float))
    return np.asarray((np.column_stack([margins, log_scale]) - CENTER) / UNIT)


def _within(values: FloatArray, seen: tuple[float, float]) -> FloatArray:
    """Return where the logarithms lie in the range seen, from -0.5 to 0.5."""
    low, high = np.log(seen[0]), np.log(seen[1])
    if high <= low:
        return np.zeros(len(values))
    return np.asarray((np.clip(np.log(values), low, high) - low) / (high - low) - 0.5)
