"""How hyperparameters and objectives stand on an axis: title, unit, range, ticks."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sweeper.registry.names import all_hyperparameters, own_names
from sweeper.registry.objectives import OBJECTIVES, ObjectiveInfo
from sweeper.registry.setting import FIELDS, Setting
from sweeper.report.text import measured
from sweeper.store import measured_split
from sweeper.study.study_file import StudySpec


@dataclass(frozen=True)
class ParameterAxis:
    """The axis of a hyperparameter, over the values it takes."""

    name: str
    low: float
    high: float
    log: bool

    @classmethod
    def over(cls, name: str, values: Iterable[float], log: bool = False) -> "ParameterAxis":
        """Return the axis over some values; scale and rate are seen by their ratios."""
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
        """What stands at the axis."""
        return parameter_title(self.name)

    def place(self, value: float) -> float:
        """Return where a value stands on the axis, and in its colors: the log of it, or itself."""
        return math.log10(value) if self.log else value

    def range(self) -> tuple[float, float]:
        """Return the ends of the axis in `place`'s terms, with a little room."""
        low, high = self.place(self.low), self.place(self.high)
        room = 0.05 * (high - low) or 0.1 * abs(high) or 0.1
        return low - room, high + room

    def edges(self) -> tuple[float, float]:
        """Return the ends of the axis as values."""
        low, high = self.range()
        return (10**low, 10**high) if self.log else (low, high)

    def ticks(self) -> list[float]:
        """Return round values for a log axis: doublings of a scale, else 1, 2 and 5; few enough."""
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
        """Return the ticks of a color bar over `place`."""
        if not self.log:
            return {}
        ticks = self.ticks()
        return {
            "tickvals": [self.place(tick) for tick in ticks],
            "ticktext": [f"{tick:g}" for tick in ticks],
        }


@dataclass(frozen=True)
class Measure:
    """An objective on the split that a study measures, in percent where it is a share."""

    objective: str
    split: str

    @classmethod
    def of(cls, spec: StudySpec, objective: str) -> "Measure":
        """Return the measure that a study's table holds."""
        return cls(objective, measured_split(spec.kind))

    @property
    def info(self) -> ObjectiveInfo:
        """What is known of the objective."""
        return OBJECTIVES[self.objective]

    @property
    def factor(self) -> float:
        """What the table's values are multiplied by."""
        return 100.0 if self.info.share else 1.0

    @property
    def unit(self) -> str:
        """What follows a number."""
        return " %" if self.info.share else ""

    @property
    def name(self) -> str:
        """What it is called in a title."""
        return f"{self.split} {self.info.title}"

    @property
    def title(self) -> str:
        """What stands at the axis."""
        better = "" if self.maximize else "; smaller is better"
        return f"{self.name} ({self.info.unit}{better})"

    @property
    def maximize(self) -> bool:
        """Whether larger is better."""
        return self.info.maximize

    def cost(self, values: pd.Series) -> pd.Series:
        """Return the values so that smaller is better."""
        return -values if self.maximize else values

    def told(self, row: pd.Series) -> str:
        """Return a row's mean and spread as text."""
        return measured(self.objective, row[self.objective], row[f"{self.objective}_std"])

    def window(self, values: pd.Series, known: Sequence[float]) -> tuple[float, float]:
        """Return the part of the axis that is worth looking at, in the axis' units.

        A few trials that learned nothing would press all the others into one line. So the axis
        reaches from the best over the better three quarters and as much again, and to those known
        values, the controls', that do not stretch it threefold.
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
    """Return 1, 2 and 5 of each decade between two numbers; of many decades 1 alone."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high < 500 * low else (1,)
    found = (float(f"{step}e{decade}") for decade in decades for step in steps)
    return [tick for tick in found if low <= tick <= high]


def has(rows: pd.DataFrame, name: str) -> "pd.Series[bool]":
    """Return which rows' losses have a hyperparameter, or a term that does."""

    def is_had(losses: str) -> bool:
        loss, *terms = losses.split(" + ")
        return name in own_names(loss, terms)

    return rows["losses"].map(is_had).astype(bool)


def described(row: pd.Series) -> str:
    """Return the setting of a row of the table in one phrase."""
    return Setting(**{name: row[name] for name in (*FIELDS, "options")}).describe()


def label(row: pd.Series, spec: StudySpec) -> str:
    """Return what a row of the table is called in a legend; a search's trial by what differs."""
    if row["control"] == "softmax":
        return "plain softmax"
    setting = described(row)
    if pd.isna(row["number"]):
        return setting.replace(" (", " as published (", 1)
    if spec.kind == "search":
        setting = ", ".join(
            f"{name} {row[name]:.3g}" for name in all_hyperparameters() if name in spec.space
        )
    return f"trial {row['number']}: {setting}"
