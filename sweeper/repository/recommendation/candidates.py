"""Candidate settings for recommendations, within the measured range."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.repository.recommendation.expressible import NEUTRAL
from sweeper.repository.surrogates.coordinates import FloatArray, points_of

#: How far from a measured setting another is predicted, in `coordinates.UNIT`; and how far a
#: candidate may be that was not measured. Left out of the atlas, a setting within that distance of
#: another is predicted to 0.3 points of accuracy and MAP@R, averaged over tasks, beyond to 0.6.
REACH, CLOSE = 1.0, 0.6

#: Measured settings closer than this are one candidate, in the same unit.
APART = 0.1

#: Round values between the measured settings, where a loss has one margin at most.
SCALES = (2.0, 3.0, 4.0, 6.0, 8.0, 11.0, 16.0, 23.0, 32.0, 45.0, 64.0, 90.0, 128.0)
STEPS = {
    "m1": (0.9, 1.1, 1.2, 1.35, 1.5),
    "m2": (-0.2, -0.1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    "m3": (-0.2, -0.1, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5),
}

_COLUMNS = ["m1", "m2", "m3", "scale"]


@dataclass(frozen=True, eq=False)
class Space:
    """The settings of one loss, within the ranges measured with any loss.

    Attributes:
        loss: the loss whose margins and scale vary; other margins stay neutral.
        measured: the measured settings with margins, one row each.
        tree: a k-d tree of their points.
    """

    loss: str
    measured: pd.DataFrame
    tree: KDTree

    @classmethod
    def of(cls, loss: str, measured: pd.DataFrame) -> "Space":
        """Return the space of a loss; `measured` has columns m1, m2, m3 and scale."""
        settings = measured[_COLUMNS].drop_duplicates(ignore_index=True)
        settings = settings.sort_values(_COLUMNS, ignore_index=True)
        return cls(loss, settings, KDTree(points_of(settings)))

    def of_loss(self, loss: str) -> "Space":
        """Return the space of another loss, the same each time."""
        return _of_loss(self, loss)

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Smallest and largest measured value of each margin of the loss, and of the scale."""
        return {
            name: (float(self.measured[name].min()), float(self.measured[name].max()))
            for name in LOSSES[self.loss].margins
        }

    def near(self, settings: pd.DataFrame, reach: float = REACH) -> NDArray[np.bool_]:
        """Return which settings are near measured ones and within the ranges, ``[n]``."""
        points = points_of(settings)
        distance, _ = self.tree.query(points)
        within = (points >= self.tree.mins - 1e-9) & (points <= self.tree.maxes + 1e-9)
        return np.asarray((distance <= reach) & within.all(1), dtype=bool)

    def known(self) -> pd.DataFrame:
        """Return the measured settings that the loss can express; plain softmax has none."""
        settings = self.measured if LOSSES[self.loss].margins else self.measured.iloc[:0]
        for name in NEUTRAL.keys() - LOSSES[self.loss].margins.keys():
            settings = settings[settings[name] == NEUTRAL[name]]
        return settings.reset_index(drop=True)

    def candidates(self, others: pd.DataFrame) -> pd.DataFrame:
        """Return the settings to choose among: measured ones, round ones between, and others.

        Args:
            others: settings of the loss that must be among them where anything like them was
                measured; columns m1, m2, m3 and scale.
        """
        if not LOSSES[self.loss].margins:
            return self.known()
        named = others[_COLUMNS].drop_duplicates(ignore_index=True)
        named = named[self.near(named)]
        every = pd.concat([named, self._unnamed])
        every = every.drop_duplicates(ignore_index=True)
        return every[_apart(points_of(every), len(named))].reset_index(drop=True)

    def along(self, best: pd.Series, name: str, number: int) -> pd.DataFrame:
        """Return settings that differ from one only in `name`, over its range, in order."""
        low, high = self.ranges[name]
        steps = (
            np.geomspace(low, high, number) if name == "scale" else np.linspace(low, high, number)
        )
        values = np.unique(np.append(steps, best[name]))
        row = best[list(self.measured.columns)].to_frame().T.astype(float)
        return pd.concat([row] * len(values), ignore_index=True).assign(**{name: values})

    @cached_property
    def _unnamed(self) -> pd.DataFrame:
        """The candidates that nobody named: round ones near measured ones, and these."""
        lattice = self._lattice()
        return pd.concat([lattice[self.near(lattice, CLOSE)], self.known()])

    def _lattice(self) -> pd.DataFrame:
        """Return round settings with one margin of the loss, or none."""
        own = [name for name in LOSSES[self.loss].margins if name in STEPS]
        rows = [{**NEUTRAL, "scale": scale} for scale in SCALES]
        for name in own:
            steps = product(STEPS[name], SCALES)
            rows += [{**NEUTRAL, name: value, "scale": scale} for value, scale in steps]
        return pd.DataFrame(rows, columns=_COLUMNS)


@lru_cache(maxsize=64)
def _of_loss(space: Space, loss: str) -> Space:
    return replace(space, loss=loss)


def _apart(points: FloatArray, first: int) -> FloatArray:
    """Return which points to keep: the first ones, and those of the rest that are apart."""
    kept = np.zeros(len(points), dtype=bool)
    for number, point in enumerate(points):
        close = ((points[kept] - point) ** 2).sum(1) < APART**2
        kept[number] = number < first or not close.any()
    return kept


def rows_of(settings: Sequence[Setting]) -> pd.DataFrame:
    """Return the margins and the scale of settings, a row each."""
    rows = [[getattr(setting, name) for name in _COLUMNS] for setting in settings]
    return pd.DataFrame(rows, columns=_COLUMNS)
