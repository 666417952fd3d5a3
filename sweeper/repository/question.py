"""What was asked of the repository, and the surface that answers it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.repository.answer import Gain
from sweeper.repository.calibration import QUANTILE
from sweeper.repository.candidates import Space
from sweeper.repository.design_matrix import Array
from sweeper.repository.predictor import Predictor
from sweeper.repository.selection import Choice
from sweeper.setting import LOSSES, Setting

#: Steps over the range of a margin or the scale, where the range that is as good is looked for.
STEPS = 65


@dataclass(frozen=True)
class Question:
    """A task that was never swept, trained in a given way.

    Attributes:
        predictor: fitted to all that is known.
        choice: of the surface, and its intervals.
        task: one row, see `predictor.asked_task`.
        space: the settings that can be recommended.
        lr, weight_decay: of the training.
    """

    predictor: Predictor
    choice: Choice
    task: pd.DataFrame
    space: Space
    lr: float
    weight_decay: float

    def predict(self, rows: pd.DataFrame, constant: bool = False) -> tuple[Array, Array]:
        """Return mean and deviation of the compressed gains of settings, one row each."""
        return self.predictor.predict(rows.assign(lr=self.lr), self.task, constant)

    def bound(self, rows: pd.DataFrame) -> Array:
        """Return the lower bound of the compressed gains of settings, one row each."""
        mean, deviation = self.predict(rows)
        return mean - self.choice.caution * deviation

    def gain(self, setting: Setting) -> Gain:
        """Return the predicted gain of a setting, with its interval."""
        if setting.loss == "softmax":
            return Gain(0.0, 0.0, 0.0)
        mean, deviation = self.predict(row_of(setting))
        width = QUANTILE * self.choice.factor * deviation[0]
        ends = self.predictor.undone(np.array([mean[0], mean[0] - width, mean[0] + width]))
        return Gain(*(float(end) for end in ends))

    def setting(self, row: pd.Series) -> Setting:
        """Return a row of the space as a setting of its loss."""
        own = {name: float(row[name]) for name in LOSSES[self.space.loss]}
        return Setting(self.space.loss, **own, lr=self.lr, weight_decay=self.weight_decay)

    def as_good(self, setting: Setting) -> dict[str, tuple[float, float]]:
        """Return the ranges around a setting in which seeds could not tell the gain from its.

        Of each margin and the scale, all else as it is. That is a predicted gain at most 1.645
        standard errors of a difference below the setting's, of two settings measured with as many
        seeds as the repository's typically are. Empty for plain softmax.
        """
        noise = QUANTILE * np.sqrt(2) * float(self.predictor.margins["se"].median())
        least = self.gain(setting).mean - noise
        row = row_of(setting).iloc[0]
        ranges = {}
        for name in LOSSES[setting.loss]:
            rows = self.space.along(row, name, STEPS)
            gain = self.predictor.undone(self.predict(rows)[0])
            good = (gain >= least - 1e-12) & self.space.near(rows)
            low = high = int((rows[name] - row[name]).abs().argmin())
            while low > 0 and good[low - 1]:
                low -= 1
            while high < len(rows) - 1 and good[high + 1]:
                high += 1
            ranges[name] = (float(rows[name].iloc[low]), float(rows[name].iloc[high]))
        return ranges


def row_of(setting: Setting) -> pd.DataFrame:
    """Return a setting's margins and scale as one row."""
    return pd.DataFrame([{name: getattr(setting, name) for name in ("m1", "m2", "m3", "scale")}])
