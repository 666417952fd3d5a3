"""Published figures, joined with ours by setting.

A table of published figures has the column `loss` (terms behind a plus sign) and any of these:
hyperparameters by their names; `dataset`, `net` or `model`, `epochs` and `batch_size` of the
training; `split` and `class` of what was measured; `runs`, the number of trainings behind a figure,
1 unless given. Each other column is a measure: `accuracy` or `mean_accuracy`, `max_accuracy` for
the best of the runs. Shares may be in percent. What is left blank is not stated and matches all.
"""

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from scipy import stats

from sweeper.registry.aliases import current_name
from sweeper.registry.measures import about
from sweeper.registry.names import all_hyperparameters
from sweeper.registry.objectives import is_share
from sweeper.registry.setting import Setting
from sweeper.report.page.published_task import choose_rows, task_differences
from sweeper.report.page.reported import Reported, by_seed
from sweeper.report.study_results import ResultRow

#: How a column calls the best of several runs, and their mean.
_BEST, _MEAN = "max_", "mean_"

#: Measures of a class, as `sweeper.store.ClassRecord` calls them.
_OF_CLASS = ("recall", "spread", "plain_spread")


@dataclass(frozen=True)
class Beside:
    """One published figure, and ours.

    Attributes:
        losses: the loss with its terms.
        stated: the hyperparameters that the source states, by name.
        of_class: the class it is of, None for all.
        measure: what was measured.
        is_best: whether it is the best of the runs, not their mean.
        value: the published figure; a share as a share.
        runs: how many trainings are behind it.
        row: our trial; None where there is none.
        ours: our figures by seed.
        remarks: what is different between the two, or why there is nothing of ours.
    """

    losses: str
    stated: dict[str, float]
    of_class: str | None
    measure: str
    is_best: bool
    value: float
    runs: int
    row: ResultRow | None
    ours: dict[int, float]
    remarks: tuple[str, ...]

    @property
    def setting(self) -> str:
        """The setting in words, with the class if it is of one."""
        if self.row is not None:
            words = self.row.record.setting.describe()
        else:
            stated = ", ".join(f"{name} {value:g}" for name, value in self.stated.items())
            words = f"{self.losses} ({stated})" if stated else self.losses
        return words if self.of_class is None else f"{words}, class {self.of_class}"

    @property
    def mean(self) -> float:
        """Our mean over seeds, or our best one beside a best one; NaN without any."""
        if not self.ours:
            return math.nan
        return max(self.ours.values()) if self.is_best else statistics.fmean(self.ours.values())

    @property
    def spread(self) -> float:
        """Our standard deviation over seeds, NaN for one."""
        return statistics.stdev(self.ours.values()) if len(self.ours) > 1 else math.nan

    @property
    def reach(self) -> float:
        """How far from our mean the published figure may lie by chance, 19 times of 20.

        That of a mean of as many runs as are behind it, if they vary as our seeds do: t-quantile
        times ``spread * sqrt(1 / seeds + 1 / runs)``. NaN for the best of several, which lies
        above the mean by a number of runs that the two need not share.
        """
        number = len(self.ours)
        if number < 2 or self.is_best:
            return math.nan
        quantile = float(stats.t.ppf(0.975, number - 1))
        return quantile * self.spread * math.sqrt(1 / number + 1 / self.runs)

    @property
    def is_inside(self) -> bool | None:
        """Whether chance explains the difference; None where that cannot be told."""
        return None if math.isnan(self.reach) else abs(self.mean - self.value) <= self.reach


def beside(study: Reported, published: pd.DataFrame) -> list[Beside]:
    """Return every published figure that is of the study's task, with ours where there is one.

    Several of our settings may fit what a source states of one; each has an entry.
    """
    joined: list[Beside] = []
    rows = choose_rows(study, published)
    measures = [str(name) for name in rows if _measured(str(name)) is not None]
    in_percent = {name: bool((rows[name].astype(float) > 1).any()) for name in measures}
    for _, row in rows.iterrows():
        for name in measures:
            if pd.isna(row[name]):
                continue
            measure, is_best = _measured(name) or ("", False)
            by_hundred = is_share(measure) and in_percent[name]
            value = float(row[name]) / (100 if by_hundred else 1)
            joined += _entries(study, row, measure, is_best, value)
    return joined


def _measured(column: str) -> tuple[str, bool] | None:
    """Return the measure of a column, and whether it has the best of several runs."""
    name = column.removeprefix(_BEST).removeprefix(_MEAN)
    is_measure = name in _OF_CLASS or bool(about(name))
    return (name, column.startswith(_BEST)) if is_measure else None


def _entries(
    study: Reported, row: pd.Series, measure: str, is_best: bool, value: float
) -> Iterable[Beside]:
    parts = [current_name(part.strip()) for part in str(row["loss"]).split("+")]
    losses = " + ".join(parts)
    stated = {
        current_name(str(name)): float(row[name])
        for name in row.index
        if current_name(str(name)) in all_hyperparameters() and not pd.isna(row[name])
    }
    of_class = None if pd.isna(row.get("class", math.nan)) else str(row["class"])
    runs = 1 if pd.isna(row.get("runs", math.nan)) else int(row["runs"])
    remarks = task_differences(study, row)
    known = (losses, stated, of_class, measure, is_best, value, runs)
    split = row.get("split", study.outcome.summary.study.split)
    if not pd.isna(split) and split in ("train", "validation", "test"):
        measured = study.outcome.summary.study.split
        if split != measured:
            yield Beside(*known, None, {}, (f"of {split} data, ours are of {measured} data",))
            return
    found = [each for each in study.rows if _fits(each.record.setting, losses, stated)]
    for each in found:
        ours = _ours(study, each, measure, of_class)
        missing = () if ours else (f"{measure} was not measured",)
        yield Beside(*known, each, ours, (*remarks, *missing))
    if not found:
        planned = any(_fits(one, losses, stated) for one in study.spec.settings_list())
        why = "not trained yet" if planned else "not a setting of this study"
        yield Beside(*known, None, {}, (why,))


def _fits(setting: Setting, losses: str, stated: dict[str, float]) -> bool:
    """Return whether a setting is what is stated; a margin that a loss has not is its default."""
    return setting.losses == losses and all(
        math.isclose(setting[name], value, rel_tol=1e-9, abs_tol=1e-12)
        for name, value in stated.items()
    )


def _ours(study: Reported, row: ResultRow, measure: str, of_class: str | None) -> dict[int, float]:
    if of_class is None:
        return by_seed(row, measure)
    names = study.outcome.summary.study.task.dataset.class_names
    index = names.index(of_class) if of_class in names else _number(of_class)
    return {
        seed.seed: float(getattr(each, measure))
        for seed in row.record.seeds
        for each in seed.classes
        if each.index == index and math.isfinite(getattr(each, measure))
    }


def _number(text: str) -> int | None:
    try:
        return int(float(text))
    except ValueError:
        return None
