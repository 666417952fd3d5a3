"""Candidate settings for recommendations, within the measured range."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import KDTree
from scipy.stats import qmc

from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.repository.recommendation.expressible import NEUTRAL
from sweeper.repository.surrogates.design_matrix import FloatArray, points_of

#: A candidate must be at most this far from a measured setting, in `design_matrix.UNIT`.
REACH = 1.0

#: Numbers of settings to evaluate: over the whole range, then around the best.
COARSE, FINE = 2**10, 2**8

#: Sides of the box around the best, as fractions of the range.
BOX = 0.2


@dataclass(frozen=True)
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
        settings = measured[["m1", "m2", "m3", "scale"]].drop_duplicates(ignore_index=True)
        settings = settings.sort_values(list(settings.columns), ignore_index=True)
        return cls(loss, settings, KDTree(points_of(settings)))

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Smallest and largest measured value of each margin of the loss, and of the scale."""
        return {
            name: (float(self.measured[name].min()), float(self.measured[name].max()))
            for name in LOSSES[self.loss].margins
        }

    def near(self, settings: pd.DataFrame) -> FloatArray:
        """Return which settings are near measured ones and within the ranges, ``[n]``."""
        points = points_of(settings)
        distance, _ = self.tree.query(points)
        within = (points >= self.tree.mins - 1e-9) & (points <= self.tree.maxes + 1e-9)
        return np.asarray((distance <= REACH) & within.all(1))

    def known(self) -> pd.DataFrame:
        """Return the measured settings that the loss can express; plain softmax has none."""
        settings = self.measured if LOSSES[self.loss].margins else self.measured.iloc[:0]
        for name in NEUTRAL.keys() - LOSSES[self.loss].margins.keys():
            settings = settings[settings[name] == NEUTRAL[name]]
        return settings.reset_index(drop=True)

    def everywhere(self) -> pd.DataFrame:
        """Return the measured settings and points of a Sobol sequence between them."""
        if not LOSSES[self.loss].margins:
            return self.known()
        return self._near_measured(pd.concat([self.known(), self._sobol(COARSE, self.ranges)]))

    def around(self, best: pd.Series) -> pd.DataFrame:
        """Return a setting, followed by others around it."""
        box = {}
        for name, (low, high) in self.ranges.items():
            if name == "scale":
                side = (high / low) ** (BOX / 2)
                box[name] = (max(low, best[name] / side), min(high, best[name] * side))
            else:
                side = (high - low) * BOX / 2
                box[name] = (max(low, best[name] - side), min(high, best[name] + side))
        first = best[list(self.measured.columns)].to_frame().T.astype(float)
        return self._near_measured(pd.concat([first, self._sobol(FINE, box)]))

    def along(self, best: pd.Series, name: str, number: int) -> pd.DataFrame:
        """Return settings that differ from one only in `name`, over its range, in order."""
        low, high = self.ranges[name]
        steps = (
            np.geomspace(low, high, number) if name == "scale" else np.linspace(low, high, number)
        )
        values = np.unique(np.append(steps, best[name]))
        row = best[list(self.measured.columns)].to_frame().T.astype(float)
        return pd.concat([row] * len(values), ignore_index=True).assign(**{name: values})

    def _sobol(self, number: int, box: dict[str, tuple[float, float]]) -> pd.DataFrame:
        varied = [name for name, (low, high) in box.items() if high > low]
        settings = pd.DataFrame({**NEUTRAL, "scale": Setting().scale}, index=range(number))
        for name, (low, _) in box.items():
            settings[name] = low
        unit = qmc.Sobol(len(varied), scramble=False).random(number) if varied else np.empty((0, 0))
        for position, name in enumerate(varied):
            low, high = box[name]
            share = unit[:, position]
            if name == "scale":
                # More than three digits make no difference.
                drawn = [float(f"{value:.3g}") for value in low * (high / low) ** share]
            else:
                drawn = list(np.round(low + (high - low) * share, 3))
            settings[name] = np.clip(drawn, low, high)
        return settings if varied else settings.iloc[:1]

    def _near_measured(self, settings: pd.DataFrame) -> pd.DataFrame:
        settings = settings.drop_duplicates(ignore_index=True)
        return settings[self.near(settings)].reset_index(drop=True)
