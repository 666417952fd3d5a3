"""The repository: all tasks and all results as two tables."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sweeper.errors import SweeperError, unknown
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.setting import Setting
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
from sweeper.repository.task_plans import with_plans


@dataclass(frozen=True, eq=False)
class Repository:
    """Tasks and results. The order of rows and columns does not matter: both are sorted.

    Two repositories are equal if their contents are. The tables must not be modified.

    Args:
        tasks: one row per task: `columns.TASK`, then one column per meta-feature; columns of the
            plan that older repositories lack are filled in.
        results: one row per task, setting, seed and objective: `columns.RESULT`.

    Raises:
        SweeperError: a column is missing or has values of the wrong type.
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

    @classmethod
    def restored(cls, tasks: pd.DataFrame, results: pd.DataFrame, digest: str) -> "Repository":
        """Return a repository from the tables and the digest of one, which are not looked at."""
        made = object.__new__(cls)
        made.__dict__.update(tasks=tasks, results=results, digest=digest)
        return made

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole content, in hexadecimal digits."""
        digest = hashlib.sha256()
        for table in (self.tasks, self.results):
            for name in table.columns:
                column = table[name]
                digest.update(f"{name}:{len(column)}\n".encode())
                if column.dtype == object:
                    digest.update(_texts(column))
                else:
                    digest.update(column.to_numpy().tobytes())
        return digest.hexdigest()

    @property
    def is_empty(self) -> bool:
        """Whether there are neither tasks nor results."""
        return self.tasks.empty and self.results.empty

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The sorted names of the meta-features that every task has."""
        names = self.tasks.columns[len(TASK_NAMES) :]
        return tuple(str(name) for name in names if self.tasks[name].notna().all())

    def joined(self, other: "Repository") -> "Repository":
        """Return the union; for tasks and results in both, this repository takes precedence.

        Meta-features that one of them lacks are NaN there.
        """
        if self.is_empty and set(self.tasks.columns) <= set(other.tasks.columns):
            return other
        tasks = _concatenate(self.tasks, other.tasks).drop_duplicates("id")
        results = _concatenate(self.results, other.results).drop_duplicates(list(RESULT_KEY))
        return Repository(tasks, results)

    def objective(self, name: str) -> "Repository":
        """Return the results of one objective, and the tasks that have any.

        Raises:
            UsageError: the objective is unknown.
        """
        if name not in OBJECTIVES:
            raise unknown("objective", name, OBJECTIVES)
        results = self.results[self.results["objective"] == name]
        return Repository(self.tasks[self.tasks["id"].isin(results["task"])], results)

    def settings(self, task: str) -> list[Setting]:
        """Return the settings measured on a task, in a fixed order; empty for an unknown task."""
        rows = self.results.loc[self.results["task"] == task, list(SETTING)].drop_duplicates()
        return [setting_of(row) for row in rows.to_dict("records")]

    def without_control(self, objective: str) -> list[str]:
        """Return the tasks with results for an objective, but without plain softmax.

        Gains are relative to plain softmax, so nothing can be learned from these tasks.
        """
        rows = self.results[self.results["objective"] == objective]
        controlled = rows.loc[rows["loss"] == "softmax", "task"]
        return sorted(set(rows["task"]) - set(controlled))


def setting_of(row: dict[str, object] | dict[object, object]) -> Setting:
    """Return the setting that a row of the results describes."""
    numbers = {name: float(str(row[name])) for name in SETTING[1:]}
    return Setting.of(str(row["loss"]), numbers)


def _typed(table: pd.DataFrame, columns: tuple[Column, ...], what: str) -> pd.DataFrame:
    """Return the columns in order, each with its type."""
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


def _texts(column: pd.Series) -> bytes:
    """Return all texts of a column; the length of each keeps neighboring texts separate.

    Each is looked at once, however many rows have it.
    """
    places, found = pd.factorize(column)
    distinct = np.array([f"{len(text)}:{text}" for text in found], dtype=object)
    return "".join(distinct[places]).encode()


def _concatenate(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both; pandas warns about concatenating empty tables."""
    nonempty = [table for table in (first, second) if len(table)]
    return pd.concat(nonempty, ignore_index=True) if nonempty else first
