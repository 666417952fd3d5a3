"""The results of a database's own studies, as a repository."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sweeper.data import Subset, format_spec, parse
from sweeper.data.splits import BY_FOLDS
from sweeper.errors import UsageError
from sweeper.models.net_name import short_name as short_net
from sweeper.registry.objectives import OBJECTIVES, is_share
from sweeper.repository.columns import RESULT, RESULT_NAMES, SETTING, TASK_NAMES
from sweeper.repository.meta_features.measure import FEATURES
from sweeper.repository.records import Repository
from sweeper.repository.task_plans import start_of
from sweeper.store import Database, TaskRecord
from sweeper.store.results import repository_queries

#: The columns that identify a task: studies that agree in all of them trained the same task.
_IDENTITY = ("fingerprint", "split_fingerprint", "net", "embedding", "epochs", "batch_size")


def own_studies(database: Database, without: str = "") -> Repository:
    """Return the searches of a database as a repository, with validation results only.

    A diverged trial counts as the worst for each of its seeds: 0 for shares, the largest value of
    the task for compactness. So does a seed that diverged in a confirmation. Pruned, lost and
    interrupted trials are ignored, and so are results outside the ranges of a repository, such as a
    scale of a million.

    Args:
        database: the database.
        without: name of a study that is left out.
    """
    tasks = repository_queries.task_table(database)
    features = [name for name in FEATURES if name in tasks]
    tasks = tasks.dropna(subset=features) if features else tasks.iloc[:0]
    tasks["id"] = [task_id(row) for row in _rows(tasks)]
    ids = tasks["id"]
    results = repository_queries.result_table(database, without).rename(
        columns={"measure": "objective"}
    )
    results = results[results["objective"].isin(list(OBJECTIVES)) & results["task"].isin(ids.index)]
    results = _with_worst(results, repository_queries.diverged_table(database, without))
    results["task"] = results["task"].map(ids)
    results = results[_possible(results)].drop_duplicates([*RESULT_NAMES[:2], *SETTING, "seed"])
    trained = ((1 - tasks["hold_out"]) * tasks["num_classes"]).round().astype(int)
    columns = tasks.assign(
        dataset=tasks["name"].map(short_name),
        net=tasks["net"].map(short_net),
        source=[source_of(*of) for of in zip(tasks["name"], tasks["source"], strict=True)],
        num_classes=trained,
        num_train=np.exp(tasks["log_images"]).round().astype(int) if features else [],
        start=[start_of(*of) for of in zip(tasks["net"], _ready(tasks), strict=True)],
        split=[_split(row) for row in _rows(tasks)],
    )
    columns["samples"] = columns["epochs"] * columns["num_train"]
    columns = columns[columns["id"].isin(results["task"])].drop_duplicates("id")
    return Repository(columns[[*TASK_NAMES, *features]], results[list(RESULT_NAMES)])


def _ready(tasks: pd.DataFrame) -> pd.Series:
    """Return whether each task's data are ready embeddings."""
    if "is_embedding" not in tasks:
        return pd.Series(False, tasks.index)
    return tasks["is_embedding"] == 1


def _split(task: Mapping[str, Any]) -> str:
    """Return what no seed of a task trains on, one of `sweeper.repository.task_plans.SPLITS`."""
    if not task["hold_out"] > 0:
        return "images"
    return "folds" if str(task["split_fingerprint"]).endswith(BY_FOLDS) else "classes"


def _with_worst(results: pd.DataFrame, diverged: pd.DataFrame) -> pd.DataFrame:
    """Add diverged results, and replace infinite values by the worst finite one."""
    finite = results["value"].replace(np.inf, np.nan)
    measured = results.assign(value=finite).groupby(["task", "objective"])["value"].max()
    worst = measured.rename("worst").reset_index()
    worst.loc[worst["objective"].map(is_share), "worst"] = 0.0
    both = pd.concat([results.assign(value=finite), diverged.merge(worst[["task", "objective"]])])
    both = both.merge(worst, on=["task", "objective"], how="left")
    both["value"] = both["value"].fillna(both["worst"])
    return both.dropna(subset="value").drop(columns="worst")


def _possible(results: pd.DataFrame) -> pd.Series:
    inside = pd.Series(True, index=results.index)
    for column in RESULT:
        if column.type == "number":
            values = results[column.name]
            inside &= (values >= column.low) & (values <= column.high) & (values > column.above)
    return inside


def task_ids(database: Database) -> dict[int, str]:
    """Return the repository's task ids by the database's own."""
    tasks = repository_queries.task_table(database)
    return {key: task_id(row) for key, row in zip(tasks.index, _rows(tasks), strict=True)}


def _rows(tasks: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in tasks.to_dict("records")]


def id_of(task: TaskRecord) -> str:
    """Return the repository's id of a task before it is stored."""
    described = {name: getattr(task, name) for name in (*_IDENTITY[1:], "hold_out")}
    dataset = {"name": task.dataset.name, "fingerprint": task.dataset.fingerprint}
    return task_id({**described, **dataset})


def task_id(task: Mapping[str, Any]) -> str:
    """Return a task's id: a readable name and unique digits.

    Args:
        task: a row of `repository_queries.task_table`.
    """
    identity = repr([str(task[name]) for name in _IDENTITY])
    digits = hashlib.sha256(identity.encode()).hexdigest()[:6]
    held_out = ", classes held out" if task["hold_out"] > 0 else ""
    epochs = f"{task['epochs']} epochs"
    net = short_net(task["net"])
    return f"{short_name(task['name'])}, {net}, {epochs}{held_out} #{digits}"


def source_of(dataset: str, source: str) -> str:
    """Return the source of a data set by its name; for a path, its last name and unique digits."""
    name, _ = _parsed(dataset)
    if not Path(name).is_absolute():
        return source
    return f"{Path(name).name} #{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def short_name(dataset: str) -> str:
    """Return a data set's name without its parent folders, which may be private."""
    name, subset = _parsed(dataset)
    return format_spec(Path(name).name, subset.without_folders())


def _parsed(dataset: str) -> tuple[str, Subset]:
    try:
        return parse(dataset)
    except UsageError:  # a path that itself contains brackets
        return dataset, Subset()
