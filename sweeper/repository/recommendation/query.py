"""What was asked of the repository, and the surface that answers it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.calibration import QUANTILE
from sweeper.repository.evaluation.selection import Choice
from sweeper.repository.recommendation.candidates import Space
from sweeper.repository.recommendation.recommendation import Gain, Profile
from sweeper.repository.surrogates.design_matrix import FloatArray
from sweeper.repository.surrogates.predictor import Predictor

#: Steps over the range of a margin or the scale, where the range that is as good is looked for.
STEPS = 65


@dataclass(frozen=True)
class RecommendationQuery:
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

    def predict(self, rows: pd.DataFrame, constant: bool = False) -> tuple[FloatArray, FloatArray]:
        """Return mean and deviation of the compressed gains of settings, one row each."""
        return self.predictor.predict(rows.assign(lr=self.lr), self.task, constant)

    def bound(self, rows: pd.DataFrame) -> FloatArray:
        """Return the lower bound of the compressed gains of settings, one row each."""
        mean, deviation = self.predict(rows)
        return mean - self.choice.caution * deviation

    def gain(self, setting: Setting) -> Gain:
        """Return the predicted gain of a setting, with its interval."""
        if setting.loss == "softmax":
            return Gain(0.0, 0.0, 0.0)
        return Gain(*(float(numbers[0]) for numbers in self._gains(row_of(setting))))

    def setting(self, row: pd.Series) -> Setting:
        """Return a row of the space as a setting of its loss."""
        own = {name: float(row[name]) for name in LOSSES[self.space.loss].margins}
        optimizer = {"lr": self.lr, "weight_decay": self.weight_decay}
        return Setting.of(self.space.loss, {**own, **optimizer})

    def as_good(self, setting: Setting) -> dict[str, tuple[float, float]]:
        """Return the ranges around a setting in which seeds could not tell the gain from its.

        Of each margin and the scale, all else as it is. That is a predicted gain at most 1.645
        standard errors of a difference below the setting's, of two settings measured with as many
        seeds as the repository's typically are. Empty for plain softmax.
        """
        noise = QUANTILE * np.sqrt(2) * float(self.predictor.margins["se"].median())
        least = self.gain(setting).mean - noise
        ranges = {}
        for name, profile in self.profiles(setting).items():
            good = np.array(profile.mean) >= least - 1e-12
            kept = _around(profile.values.index(getattr(setting, name)), good)
            ranges[name] = (profile.values[kept][0], profile.values[kept][-1])
        return ranges

    def profiles(self, setting: Setting) -> dict[str, Profile]:
        """Return the gain predicted along each margin and the scale, all else as in a setting.

        At `STEPS` values over the range that was measured and at the setting's own; from the
        setting on as far as there are measured settings near. Empty for plain softmax.
        """
        row = row_of(setting).iloc[0]
        profiles = {}
        for name in LOSSES[setting.loss].margins:
            rows = self.space.along(row, name, STEPS)
            start = int((rows[name] - row[name]).abs().argmin())
            rows = rows[_around(start, self.space.near(rows))]
            numbers = (rows[name].to_numpy(), *self._gains(rows))
            profiles[name] = Profile(*(tuple(column.tolist()) for column in numbers))
        return profiles

    def _gains(self, rows: pd.DataFrame) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the predicted gains of settings and the ends of their intervals, each ``[n]``."""
        mean, deviation = self.predict(rows)
        width = QUANTILE * self.choice.factor * deviation
        mean, low, high = map(self.predictor.undone, (mean, mean - width, mean + width))
        return mean, low, high


def _around(start: int, holds: FloatArray) -> slice:
    """Return the positions around one as far as it holds without a gap; that one in any case."""
    low = high = start
    while low > 0 and holds[low - 1]:
        low -= 1
    while high < len(holds) - 1 and holds[high + 1]:
        high += 1
    return slice(low, high + 1)


def row_of(setting: Setting) -> pd.DataFrame:
    """Return a setting's margins and scale as one row."""
    return pd.DataFrame([{name: getattr(setting, name) for name in ("m1", "m2", "m3", "scale")}])
