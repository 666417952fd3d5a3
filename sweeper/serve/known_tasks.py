"""The tasks of a repository, as the API tells of them."""

from functools import cached_property
from typing import Any

import pandas as pd

from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.setting import Setting
from sweeper.repository.best_known import best_measured, best_measured_gain
from sweeper.repository.gains import best_rate_gains
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.setting_json import setting_to_json
from sweeper.repository.records import Repository, setting_of
from sweeper.repository.task_map import TaskMap, task_map
from sweeper.repository.task_weights import OwnTasks

#: How many of the best settings of a task are told, for each objective.
BEST = 10


class KnownTasks:
    """The tasks of a repository, by their ids.

    Args:
        repository: tasks and results.
        own: which of them are of the database.
    """

    def __init__(self, repository: Repository, own: OwnTasks) -> None:
        self._repository = repository
        self._own = own.own
        self._rows = {str(row["id"]): row for row in repository.tasks.to_dict("records")}
        self._gains = {name: _by_task(repository, name) for name in OBJECTIVES}
        self._best = {
            name: {task: best_measured(rows) for task, rows in tasks.items()}
            for name, tasks in self._gains.items()
        }
        #: By objective and task, the gain of the best measured setting; NaN where it is not known.
        self.best_gains = {
            name: {task: best_measured_gain(rows) for task, rows in tasks.items()}
            for name, tasks in self._gains.items()
        }
        self.all = [self._entry(task) for task in self._rows]

    @property
    def ids(self) -> list[str]:
        """The ids of all tasks, sorted."""
        return list(self._rows)

    @cached_property
    def map(self) -> TaskMap | None:
        """Where the tasks stand by what their data look like."""
        return task_map(self._repository)

    def detail(self, task: str) -> dict[str, Any]:
        """Return an entry of `all` with the meta-features and the best settings of each objective.

        Args:
            task: one of `ids`.
        """
        row = self._rows[task]
        features = {name: float(row[name]) for name in self._repository.features}
        settings = {name: self._settings(name, task) for name in self._measured(task)}
        return {**self._entry(task), "meta_features": features, "settings": settings}

    def _entry(self, task: str) -> dict[str, Any]:
        row = self._rows[task]
        measured = self._measured(task)
        rate = self._best[measured[0]][task].lr if measured else Setting().lr
        plan = {str(name): value for name, value in row.items()}
        return {
            "task": task,
            "source": str(row["source"]),
            "dataset": str(row["dataset"]),
            "own": task in self._own,
            "plan": {k: v for k, v in Plan.of_row(plan, rate).to_dict().items() if k != "given"},
            "best": {name: setting_to_json(self._best[name][task]) for name in measured},
        }

    def _measured(self, task: str) -> list[str]:
        return [name for name, tasks in self._gains.items() if task in tasks]

    def _settings(self, objective: str, task: str) -> list[dict[str, Any]]:
        """Return the settings with the largest gains, plain softmax among them at its best."""
        rows = self._gains[objective][task]
        plain = rows["loss"] == "softmax"
        several = rows[~plain & (rows["seeds"] >= rows.loc[~plain, "seeds"].median())]
        chosen = pd.concat([several.nlargest(BEST, "gain"), rows[plain].nlargest(1, "gain")])
        return [
            {
                **setting_to_json(setting_of(row)),
                "gain": float(row["gain"]),
                "se": float(row["se"]),
                "seeds": int(row["seeds"]),
            }
            for row in chosen.sort_values("gain", ascending=False).to_dict("records")
        ]


def _by_task(repository: Repository, objective: str) -> dict[str, pd.DataFrame]:
    gains = best_rate_gains(repository.objective(objective), objective)
    return {str(task): rows for task, rows in gains.groupby("task")}
