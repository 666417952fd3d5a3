"""Axes of hyperparameters and objectives: title, unit, range, ticks."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sweeper.registry.controls import control_loss
from sweeper.registry.names import all_hyperparameters, own_names
from sweeper.registry.objectives import (
    BALANCED_ACCURACY,
    DEFAULT_OBJECTIVE,
    OBJECTIVES,
    ObjectiveInfo,
)
from sweeper.registry.setting import FIELDS, Setting
from sweeper.report.text import measured
from sweeper.store import measured_split
from sweeper.study.study_file import StudySpec


@dataclass(frozen=True)
class ParameterAxis:
    """The axis of a hyperparameter."""

    name: str
    low: float
    high: float
    log: bool

    @classmethod
    def over(cls, name: str, values: Iterable[float], log: bool = False) -> "ParameterAxis":
        """Return the axis for some values; scale and learning rates are always logarithmic."""
        values = [float(value) for value in values]
        low, high = min(values), max(values)
        by_ratio = log or all_hyperparameters()[name].by_ratio
        return cls(name, low, high, low > 0 and by_ratio)

    @classmethod
    def searched(cls, spec: StudySpec) -> list["ParameterAxis"]:
        """Return an axis for each hyperparameter that a study searches."""
        return [
            cls.over(name, spec.space[name].ends(), getattr(spec.space[name], "log", False))
            for name in all_hyperparameters()
            if name in spec.space
        ]

    @property
    def title(self) -> str:
        """The title of the axis."""
        return parameter_title(self.name)

    def position(self, value: float) -> float:
        """Return the position of a value on the axis and color bar: the value or its log10."""
        return math.log10(value) if self.log else value

    def range(self) -> tuple[float, float]:
        """Return the ends of the axis as positions, with a small margin."""
        low, high = self.position(self.low), self.position(self.high)
        room = 0.05 * (high - low) or 0.1 * abs(high) or 0.1
        return low - room, high + room

    def edges(self) -> tuple[float, float]:
        """Return the ends of the axis as values."""
        low, high = self.range()
        return (10**low, 10**high) if self.log else (low, high)

    def ticks(self) -> list[float]:
        """Return a few round ticks for a log axis: powers of two for a scale, else 1, 2 and 5."""
        if self.name == "scale":
            first, last = math.ceil(math.log2(self.low)), math.floor(math.log2(self.high))
            every = 1 + (last - first) // 8
            ticks = [2.0**power for power in range(first, last + 1, every)]
        else:
            ticks = log_ticks(self.low, self.high)
        return ticks or [self.low, self.high]

    def layout(self) -> dict[str, Any]:
        """Return plotly's axis."""
        layout: dict[str, Any] = {"title": {"text": self.title}, "range": list(self.range())}
        if self.log:
            ticks = self.ticks()
            layout |= {
                "type": "log",
                "tickvals": ticks,
                "ticktext": [f"{tick:g}" for tick in ticks],
            }
        return layout

    def colorbar(self) -> dict[str, Any]:
        """Return the ticks of a color bar over positions."""
        if not self.log:
            return {}
        ticks = self.ticks()
        return {
            "tickvals": [self.position(tick) for tick in ticks],
            "ticktext": [f"{tick:g}" for tick in ticks],
        }


@dataclass(frozen=True)
class Measure:
    """An objective on the split that a study measures; shares are in percent."""

    objective: str
    split: str

    @classmethod
    def of(cls, spec: StudySpec, objective: str) -> "Measure":
        """Return the measure stored in a study's table."""
        return cls(objective, measured_split(spec.kind))

    @property
    def info(self) -> ObjectiveInfo:
        """The record of the objective."""
        return OBJECTIVES[self.objective]

    @property
    def factor(self) -> float:
        """The factor from the table's values to the axis."""
        return 100.0 if self.info.share else 1.0

    @property
    def unit(self) -> str:
        """The unit after a number."""
        return " %" if self.info.share else ""

    @property
    def name(self) -> str:
        """Its name in titles."""
        return f"{self.split} {self.info.title}"

    @property
    def title(self) -> str:
        """The title of the axis."""
        better = "" if self.maximize else "; smaller is better"
        return f"{self.name} ({self.info.unit}{better})"

    @property
    def maximize(self) -> bool:
        """Whether larger is better."""
        return self.info.maximize

    def cost(self, values: pd.Series) -> pd.Series:
        """Return the values with their sign such that smaller is better."""
        return -values if self.maximize else values

    def text(self, row: pd.Series) -> str:
        """Format a row's mean and spread."""
        return measured(self.objective, row[self.objective], row[f"{self.objective}_std"])

    def beside(self, row: pd.Series) -> str:
        """Format the balanced accuracy of a row beside its accuracy, empty if none is stored."""
        value = row.get(BALANCED_ACCURACY, math.nan)
        if self.objective != DEFAULT_OBJECTIVE or math.isnan(value):
            return ""
        return measured(BALANCED_ACCURACY, value, row[f"{BALANCED_ACCURACY}_std"])

    def text_in_full(self, row: pd.Series) -> str:
        """Format a row's mean and spread, and its balanced accuracy if there is one."""
        balanced = self.beside(row)
        return f"{self.text(row)}, balanced {balanced}" if balanced else self.text(row)

    def window(self, values: pd.Series, known: Sequence[float]) -> tuple[float, float]:
        """Return the range of the axis that is worth showing, in the axis' units.

        A few trials that learned nothing would compress all others into one line. So the axis
        covers the better three quarters and the same distance again, plus those known values (the
        controls') that do not stretch it threefold.
        """
        cost = self.cost(values[values.abs() != math.inf]).sort_values()
        signed = [-value if self.maximize else value for value in known]
        if cost.empty:
            low, high = min(signed, default=0.0), max(signed, default=0.0)
        else:
            best, last = float(cost.iloc[0]), float(cost.iloc[-1])
            limit = best + 2 * (float(cost.quantile(0.75)) - best)
            worst = float(cost[cost <= limit].iloc[-1]) if limit > best else last
            reach = 3 * (worst - best)
            near = [c for c in signed if reach == 0 or abs(c - best) <= reach]
            low, high = min([best, *near]), max([worst, *near])
        room = 0.06 * (high - low) or 0.02 * abs(high) or 0.01
        low, high = low - room, high + room
        return (-high, -low) if self.maximize else (low, high)


def parameter_title(name: str) -> str:
    """Return what stands at the axis of a hyperparameter."""
    title = all_hyperparameters()[name].title
    return title or name.replace(".", " ").replace("lambda", "λ").replace("_", " ")


def log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 of each decade between two numbers, or only 1 for many decades."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high < 500 * low else (1,)
    ticks = (float(f"{step}e{decade}") for decade in decades for step in steps)
    return [tick for tick in ticks if low <= tick <= high]


def has(rows: pd.DataFrame, name: str) -> "pd.Series[bool]":
    """Return which rows have a loss or a term with a hyperparameter."""

    def applies(losses: str) -> bool:
        loss, *terms = losses.split(" + ")
        return name in own_names(loss, terms)

    return rows["losses"].map(applies).astype(bool)


def setting_text(row: pd.Series) -> str:
    """Return the setting of a row of the table as text."""
    return Setting(**{name: row[name] for name in (*FIELDS, "options")}).describe()


def label(row: pd.Series, spec: StudySpec) -> str:
    """Return the legend of a row of the table; for a search's trial, its searched values."""
    setting = setting_text(row)
    if pd.isna(row["number"]):
        loss = control_loss(row["control"])
        rate = row["control"].removeprefix(loss)
        if loss == "softmax":
            return f"plain softmax{rate}"
        return setting.replace(" (", f" as published{rate} (", 1)
    if spec.kind == "search":
        setting = ", ".join(
            f"{name} {row[name]:.3g}" for name in all_hyperparameters() if name in spec.space
        )
    return f"trial {row['number']}: {setting}"
