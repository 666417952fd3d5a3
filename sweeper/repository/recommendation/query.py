"""A query to the repository, and predictions for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.calibration import QUANTILE
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.beside import NO_TERMS, Beside
from sweeper.repository.recommendation.candidates import Space, rows_of
from sweeper.repository.recommendation.gain import NO_GAIN, Gain
from sweeper.repository.recommendation.recommendation import Profile
from sweeper.repository.surrogates.coordinates import Compression, FloatArray
from sweeper.repository.surrogates.knowledge import Knowledge
from sweeper.repository.surrogates.members import Places
from sweeper.repository.surrogates.scenarios import Scenarios
from sweeper.repository.task_weights import OwnTasks, shares_of_same, task_weights

#: Number of steps over the range of a margin or the scale in profiles.
STEPS = 65

#: From this share of the very data in the prediction on, it is one however far all else is.
MOSTLY = 0.5

#: A learning rate beyond the measured ones by more than this factor is too far from them.
RATE_REACH = 3.0

#: Fewest sources with a learning rate for it to be recommended.
SOURCES_OF_RATE = 3


@dataclass(frozen=True, eq=False)
class Query:
    """A task without results, with its training.

    Attributes:
        knowledge: what is known of the objective.
        factor: factor by which intervals scale the deviations.
        task: one row, see `asking.query_task`.
        plan: the training.
        space: the candidate settings.
        weight_decay: weight decay of the training.
        own: which known tasks are the user's, and which are on the very data.
        beside: what is known of the terms that are asked for.
    """

    knowledge: Knowledge
    factor: float
    task: pd.DataFrame
    plan: Plan
    space: Space
    weight_decay: float
    own: OwnTasks
    beside: Beside = NO_TERMS

    def of_loss(self, loss: str) -> "Query":
        """Return the same query about another loss."""
        other = replace(self, space=self.space.of_loss(loss))
        # Worked out once for all losses: it is of the task alone.
        other.__dict__.update({name: getattr(self, name) for name in _OF_TASK})
        return other

    @cached_property
    def place(self) -> Places:
        """Where the task stands."""
        return self.knowledge.place(self.task)

    @cached_property
    def is_known(self) -> bool:
        """Whether the task is like those that were measured, or mostly measured itself."""
        mostly = self.same is not None and self.same.sum() >= MOSTLY
        near = self.rate_is_near and not self.knowledge.too_far(self.task, self.place)
        return mostly or near

    @property
    def rate_is_near(self) -> bool:
        """Whether the learning rate is near those that were measured."""
        low, high = self.measured_rates
        return low / RATE_REACH <= self.plan.lr <= high * RATE_REACH

    @cached_property
    def measured_rates(self) -> tuple[float, float]:
        """The smallest and the largest learning rate of settings with margins."""
        rates = self.knowledge.gains.loc[self.knowledge.gains["loss"] != "softmax", "lr"]
        return float(rates.min()), float(rates.max())

    def rates(self) -> tuple[float, ...]:
        """Return the learning rates to choose among: the plan's alone where it was given."""
        if "lr" in self.plan.given:
            return (self.plan.lr,)
        return tuple(sorted({self.plan.lr, *_usual_rates(self.knowledge)}))

    @cached_property
    def same(self) -> FloatArray | None:
        """Weights of the known tasks on the very data, ``[K]``, or None if there are none."""
        known = self.knowledge.known
        if not known["id"].isin(self.own.same).any():
            return None
        weights = task_weights(known, self.knowledge.gains, self.plan, self.own.same)
        return shares_of_same(known, weights, self.plan, self.own.same).to_numpy()

    def shares(self) -> pd.Series:
        """Return how much each known task counts in the prediction, by its id."""
        near = self.knowledge.stack.probability(self.place)
        if self.same is not None:
            near = (1.0 - self.same.sum()) * near + self.same
        return pd.Series(near, index=self.knowledge.known["id"])

    @property
    def compression(self) -> Compression:
        """The compression of gains."""
        return self.knowledge.responses.compression

    def scenarios(self, rows: pd.DataFrame) -> Scenarios:
        """Return what settings with margins may gain; columns m1, m2, m3, scale and lr.

        Beyond the measured learning rates a rate is taken for the nearest of them.
        """
        rows = rows.assign(lr=rows["lr"].clip(*self.measured_rates))
        if self.is_known:
            return self.knowledge.scenarios(rows, self.place, self.same)
        return self.knowledge.unrelated(rows, self.plan.start)

    def gain(self, setting: Setting) -> Gain:
        """Return the predicted gain of a setting, with its interval."""
        return self.gains([setting])[0]

    def gains(self, settings: Sequence[Setting]) -> list[Gain]:
        """Return the predicted gains of settings, with their intervals."""
        found = [NO_GAIN] * len(settings)  # of plain softmax
        margins = [i for i, setting in enumerate(settings) if setting.loss != "softmax"]
        if margins:
            rows = rows_of([settings[i] for i in margins])
            rows["lr"] = [settings[i].lr for i in margins]
            for i, *numbers in zip(margins, *self._gains(rows), strict=True):
                found[i] = Gain(*map(float, numbers))
        return [
            gain + self.beside.gain(setting) if setting.terms else gain
            for gain, setting in zip(found, settings, strict=True)
        ]

    def setting(self, row: pd.Series) -> Setting:
        """Return a candidate as a setting of its loss."""
        margins = {name: float(row[name]) for name in LOSSES[self.space.loss].margins}
        optimizer = {"lr": float(row["lr"]), "weight_decay": self.weight_decay}
        return Setting.of(self.space.loss, {**margins, **optimizer})

    def plain(self) -> Setting:
        """Return plain softmax at the rate that was given, else at the one that is best for it."""
        lr = self.plan.lr if "lr" in self.plan.given else self._rate_of_softmax
        return Setting("softmax", lr=lr, weight_decay=self.weight_decay)

    @cached_property
    def noise(self) -> float:
        """How much less is no difference: what seeds alone make of two settings that are alike.

        1.645 standard errors of a difference between two settings with the repository's typical
        number of seeds.
        """
        gains = self.knowledge.gains
        of_margins = gains.loc[gains["loss"] != "softmax", "se"]
        return float(QUANTILE * np.sqrt(2) * of_margins.median())

    def as_good(
        self, setting: Setting, profiles: Mapping[str, Profile]
    ) -> dict[str, tuple[float, float]]:
        """Return the ranges around a setting whose gains differ by no more than seed noise.

        One range for each margin and the scale, with everything else fixed. Within it the predicted
        gain is at most `noise` below the setting's. Empty for plain softmax.

        Args:
            setting: with everything else fixed.
            profiles: those of it, see `profiles`.
        """
        lowest = self.gain(setting).mean - self.noise
        ranges = {}
        for name, profile in profiles.items():
            good = np.array(profile.mean) >= lowest - 1e-12
            interval = _around(profile.values.index(getattr(setting, name)), good)
            ranges[name] = (profile.values[interval][0], profile.values[interval][-1])
        return ranges

    def profiles(self, setting: Setting) -> dict[str, Profile]:
        """Return the predicted gain along each margin and the scale, with everything else fixed.

        Evaluated at the setting and at `STEPS` values over the measured range, from the setting
        outward as far as measured settings are near. Empty for plain softmax.
        """
        row = rows_of([setting]).iloc[0]
        profiles = {}
        for name in LOSSES[setting.loss].margins:
            rows = self.space.along(row, name, STEPS).assign(lr=setting.lr)
            start = int((rows[name] - row[name]).abs().argmin())
            rows = rows[_around(start, self.space.near(rows))]
            gains = [Gain(*map(float, each)) for each in zip(*self._gains(rows), strict=True)]
            if setting.terms:
                gains = [gain + self.beside.gain(setting) for gain in gains]
            mean, low, high = zip(*((g.mean, g.low, g.high) for g in gains), strict=True)
            profiles[name] = Profile(tuple(rows[name].tolist()), mean, low, high)
        return profiles

    def _gains(self, rows: pd.DataFrame) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return predicted gains and the bounds of their intervals, each ``[n]``.

        The prediction is the mean over the scenarios, in which what collapses in some counts fully.
        """
        scenarios = self.scenarios(rows)
        mean = scenarios.probability @ scenarios.gains
        width = QUANTILE * self.factor * scenarios.deviation
        ends = (scenarios.center - width, scenarios.center + width)
        low, high = map(scenarios.compression.decompress, ends)
        return mean, np.minimum(low, mean), np.maximum(high, mean)

    @cached_property
    def _rate_of_softmax(self) -> float:
        """The rate from which plain softmax gains most, among tasks with several rates."""
        gains = _gains_of_rates(self.knowledge)
        if gains.empty:
            return self.plan.lr
        known = self.knowledge.known["id"]
        probability = self.knowledge.stack.probability(self.place)
        weight = probability[pd.Index(known).get_indexer(gains.index)]
        return float(gains.columns[int((weight @ gains.to_numpy()).argmax())])


#: What a query about one loss has in common with those about others.
_OF_TASK = ("place", "is_known", "same", "_rate_of_softmax")


@lru_cache(maxsize=16)
def _usual_rates(knowledge: Knowledge) -> tuple[float, ...]:
    """Return the learning rates of margins that enough sources have."""
    gains = knowledge.gains
    sources = gains[gains["loss"] != "softmax"].groupby("lr")["source"].nunique()
    return tuple(map(float, sources[sources >= SOURCES_OF_RATE].index))


@lru_cache(maxsize=16)
def _gains_of_rates(knowledge: Knowledge) -> pd.DataFrame:
    """Return what plain softmax gains from each of the usual rates, a row for each task.

    Over the rate that most tasks have with another one; a rate that a task does not have counts as
    level with that. Small nets have two rates and long trainings three: those that have all would
    speak for one regime alone.
    """
    gains = knowledge.gains
    rows = gains[gains["loss"] == "softmax"]
    rows = rows[rows.groupby("task")["lr"].transform("nunique") > 1]
    sources = rows.groupby("lr")["source"].nunique()
    rates = sorted(sources[sources >= SOURCES_OF_RATE].index)
    if not rates:
        return pd.DataFrame()
    table = rows.pivot_table(index="task", columns="lr", values="gain")[rates]
    usual = table.notna().sum().idxmax()
    return table.sub(table[usual], axis=0).dropna(subset=[usual]).fillna(0.0)


def _around(start: int, holds: NDArray[np.bool_]) -> slice:
    """Return the contiguous positions around `start` where `holds` is True, including `start`."""
    low = high = start
    while low > 0 and holds[low - 1]:
        low -= 1
    while high < len(holds) - 1 and holds[high + 1]:
        high += 1
    return slice(low, high + 1)
