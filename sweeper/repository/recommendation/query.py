"""A query to the repository, and predictions for it."""

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

#: Number of steps over the range of a margin or the scale in profiles.
STEPS = 65


@dataclass(frozen=True)
class RecommendationQuery:
    """A task without results, with its training.

    Attributes:
        predictor: the predictor fitted to the repository.
        choice: the choice of the surrogate and its intervals.
        task: one row, see `predictor.query_task`.
        space: the candidate settings.
        lr, weight_decay: learning rate and weight decay of the training.
    """

    predictor: Predictor
    choice: Choice
    task: pd.DataFrame
    space: Space
    lr: float
    weight_decay: float

    def predict(self, rows: pd.DataFrame, constant: bool = False) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of compressed gains of settings, one row each."""
        return self.predictor.predict(rows.assign(lr=self.lr), self.task, constant)

    def bound(self, rows: pd.DataFrame) -> FloatArray:
        """Return the lower confidence bound of compressed gains of settings, one row each."""
        mean, deviation = self.predict(rows)
        return mean - self.choice.kappa * deviation

    def gain(self, setting: Setting) -> Gain:
        """Return the predicted gain of a setting, with its interval."""
        if setting.loss == "softmax":
            return Gain(0.0, 0.0, 0.0)
        return Gain(*(float(numbers[0]) for numbers in self._gains(row_of(setting))))

    def setting(self, row: pd.Series) -> Setting:
        """Return a row of the space as a setting of its loss."""
        margins = {name: float(row[name]) for name in LOSSES[self.space.loss].margins}
        optimizer = {"lr": self.lr, "weight_decay": self.weight_decay}
        return Setting.of(self.space.loss, {**margins, **optimizer})

    def as_good(self, setting: Setting) -> dict[str, tuple[float, float]]:
        """Return the ranges around a setting whose gains differ by no more than seed noise.

        One range for each margin and the scale, with everything else fixed. Within it the predicted
        gain is at most 1.645 standard errors below the setting's: those of a difference between two
        settings with the repository's typical number of seeds. Empty for plain softmax.
        """
        noise = QUANTILE * np.sqrt(2) * float(self.predictor.margins["se"].median())
        lowest = self.gain(setting).mean - noise
        ranges = {}
        for name, profile in self.profiles(setting).items():
            good = np.array(profile.mean) >= lowest - 1e-12
            interval = _around(profile.values.index(getattr(setting, name)), good)
            ranges[name] = (profile.values[interval][0], profile.values[interval][-1])
        return ranges

    def profiles(self, setting: Setting) -> dict[str, Profile]:
        """Return the predicted gain along each margin and the scale, with everything else fixed.

        Evaluated at the setting and at `STEPS` values over the measured range, from the setting
        outward as far as measured settings are near. Empty for plain softmax.
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
        """Return predicted gains and the bounds of their intervals, each ``[n]``."""
        mean, deviation = self.predict(rows)
        width = QUANTILE * self.choice.factor * deviation
        mean, low, high = map(self.predictor.decompress, (mean, mean - width, mean + width))
        return mean, low, high


def _around(start: int, holds: FloatArray) -> slice:
    """Return the contiguous positions around `start` where `holds` is True, including `start`."""
    low = high = start
    while low > 0 and holds[low - 1]:
        low -= 1
    while high < len(holds) - 1 and holds[high + 1]:
        high += 1
    return slice(low, high + 1)


def row_of(setting: Setting) -> pd.DataFrame:
    """Return a setting's margins and scale as one row."""
    return pd.DataFrame([{name: getattr(setting, name) for name in ("m1", "m2", "m3", "scale")}])
