"""The repository: every task, and every result on it, as two tables."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sweeper.errors import SweeperError, unknown
from sweeper.repository.columns import (
    RESULT,
    RESULT_KEY,
    RESULT_NAMES,
    SETTING,
    TASK,
    TASK_NAMES,
    Column,
    feature_column,
)
from sweeper.repository.objectives import OBJECTIVES
from sweeper.repository.plans import with_plans
from sweeper.setting import Setting


@dataclass(frozen=True, eq=False)
class Repository:
    """Tasks and results. The order of rows and columns makes no difference: both are sorted.

    Two repositories are equal when their content is. The tables must not be changed.

    Args:
        tasks: one row a task: `columns.TASK`, then one column a meta-feature; what older ones do
            not say of the plan is filled.
        results: one row a task, setting, seed and objective: `columns.RESULT`.

    Raises:
        SweeperError: a column is missing, or has values of another type.
    """

    tasks: pd.DataFrame
    results: pd.DataFrame

    def __post_init__(self) -> None:
        features = sorted(set(self.tasks.columns) - set(TASK_NAMES))
        tasks = _typed(with_plans(self.tasks), (*TASK, *map(feature_column, features)), "tasks")
        results = _typed(self.results, RESULT, "results")
        object.__setattr__(self, "tasks", tasks.sort_values("id", ignore_index=True))
        object.__setattr__(
            self, "results", results.sort_values([*RESULT_KEY, "value"], ignore_index=True)
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Repository) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @classmethod
    def empty(cls) -> "Repository":
        """Return a repository without tasks."""
        return cls(pd.DataFrame(columns=list(TASK_NAMES)), pd.DataFrame(columns=list(RESULT_NAMES)))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole content, in hexadecimal digits."""
        digest = hashlib.sha256()
        for table in (self.tasks, self.results):
            for name in table.columns:
                column = table[name]
                digest.update(f"{name}:{len(column)}\n".encode())
                if column.dtype == object:
                    # The length of each text keeps two neighbours from running into one.
                    digest.update("".join(f"{len(text)}:{text}" for text in column).encode())
                else:
                    digest.update(column.to_numpy().tobytes())
        return digest.hexdigest()

    @property
    def features(self) -> tuple[str, ...]:
        """The meta-features that every task has, by name in order."""
        named = self.tasks.columns[len(TASK_NAMES) :]
        return tuple(str(name) for name in named if self.tasks[name].notna().all())

    def joined(self, other: "Repository") -> "Repository":
        """Return both in one; of a task or a result that both have, this one's is kept.

        A meta-feature that one of them lacks is NaN there.
        """
        tasks = _stacked(self.tasks, other.tasks).drop_duplicates("id")
        results = _stacked(self.results, other.results).drop_duplicates(list(RESULT_KEY))
        return Repository(tasks, results)

    def objective(self, name: str) -> "Repository":
        """Return the results of one objective, and the tasks that have any.

        Raises:
            UsageError: there is no such objective.
        """
        if name not in OBJECTIVES:
            raise unknown("objective", name, OBJECTIVES)
        results = self.results[self.results["objective"] == name]
        return Repository(self.tasks[self.tasks["id"].isin(results["task"])], results)

    def settings(self, task: str) -> list[Setting]:
        """Return the settings measured on a task, in a fixed order; empty for an unknown task."""
        own = self.results.loc[self.results["task"] == task, list(SETTING)].drop_duplicates()
        return [setting_of(row) for row in own.to_dict("records")]

    def without_control(self, objective: str) -> list[str]:
        """Return the tasks that have results of an objective, but none of plain softmax.

        A gain is over plain softmax, so nothing can be learnt from them.
        """
        own = self.results[self.results["objective"] == objective]
        controlled = own.loc[own["loss"] == "softmax", "task"]
        return sorted(set(own["task"]) - set(controlled))


def setting_of(row: dict[str, object] | dict[object, object]) -> Setting:
    """Return the setting that a row of the results describes."""
    numbers = {name: float(str(row[name])) for name in SETTING[1:]}
    return Setting.of(str(row["loss"]), numbers)


def _typed(table: pd.DataFrame, columns: tuple[Column, ...], what: str) -> pd.DataFrame:
    """Return the columns in their order, each in its one type."""
    if missing := [column.name for column in columns if column.name not in table.columns]:
        raise SweeperError(f"the repository's {what} lack the column {missing[0]!r}")
    types = {"text": object, "integer": np.int64, "number": np.float64}
    typed = {}
    for column in columns:
        values = table[column.name]
        try:
            if column.type == "text":
                values = values.astype(str)
            typed[column.name] = values.astype(types[column.type])
        except (ValueError, TypeError, OverflowError) as error:
            reason = " ".join(str(error).split())
            raise SweeperError(
                f"the repository's {what}, column {column.name!r}: {reason}"
            ) from None
    return pd.DataFrame(typed)


def _stacked(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both; pandas warns of joining with a table that has none."""
    filled = [table for table in (first, second) if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else first
