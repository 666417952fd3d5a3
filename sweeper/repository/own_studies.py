"""What a database's own studies measured, as a repository."""

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
from sweeper.repository.columns import RESULT, RESULT_NAMES, SETTING, TASK_NAMES
from sweeper.repository.meta_features import FEATURES
from sweeper.repository.objectives import OBJECTIVES, SHARES
from sweeper.repository.plans import start_of
from sweeper.repository.records import Repository
from sweeper.store import Database, TaskRecord, knowledge

#: Identifies a task beside its data: studies that share all of it measured the same thing.
_IDENTITY = ("fingerprint", "split_fingerprint", "net", "embedding", "epochs", "batch_size")


def own_studies(database: Database) -> Repository:
    """Return the searches of a database as a repository: validation results alone.

    A trial that diverged counts, for each of its seeds, as the worst: as a share of 0, and with the
    largest compactness of its task; so does a seed that diverged in a confirmation. Pruned, lost
    and interrupted trials do not count. Results beyond what a repository can hold, a scale of a
    million say, are left out.
    """
    tasks = knowledge.task_table(database)
    features = [name for name in FEATURES if name in tasks]
    tasks = tasks.dropna(subset=features) if features else tasks.iloc[:0]
    tasks["id"] = [task_id(row) for row in _rows(tasks)]
    named = tasks["id"]
    results = knowledge.result_table(database).rename(columns={"measure": "objective"})
    results = results[results["objective"].isin(OBJECTIVES) & results["task"].isin(named.index)]
    results = _with_worst(results, knowledge.diverged_table(database))
    results["task"] = results["task"].map(named)
    results = results[_possible(results)].drop_duplicates([*RESULT_NAMES[:2], *SETTING, "seed"])
    trained = ((1 - tasks["hold_out"]) * tasks["num_classes"]).round().astype(int)
    described = tasks.assign(
        dataset=tasks["name"].map(short_name),
        net=tasks["net"].map(short_net),
        source=[_source(row) for _, row in tasks.iterrows()],
        num_classes=trained,
        num_train=np.exp(tasks["log_images"]).round().astype(int) if features else [],
        start=[start_of(*of) for of in zip(tasks["net"], _ready(tasks), strict=True)],
        split=[_split(row) for row in _rows(tasks)],
    )
    described["samples"] = described["epochs"] * described["num_train"]
    described = described[described["id"].isin(results["task"])].drop_duplicates("id")
    return Repository(described[[*TASK_NAMES, *features]], results[list(RESULT_NAMES)])


def _ready(tasks: pd.DataFrame) -> pd.Series:
    """Return whether each task's data are ready embeddings."""
    if "is_embedding" not in tasks:
        return pd.Series(False, tasks.index)
    return tasks["is_embedding"] == 1


def _split(task: Mapping[str, Any]) -> str:
    """Return what no seed of a task trains on, one of `sweeper.repository.plans.SPLITS`."""
    if not task["hold_out"] > 0:
        return "images"
    return "folds" if str(task["split_fingerprint"]).endswith(BY_FOLDS) else "classes"


def _with_worst(results: pd.DataFrame, diverged: pd.DataFrame) -> pd.DataFrame:
    """Add what diverged, and put a number where a value is infinite."""
    finite = results["value"].replace(np.inf, np.nan)
    measured = results.assign(value=finite).groupby(["task", "objective"])["value"].max()
    worst = measured.rename("worst").reset_index()
    worst.loc[worst["objective"].isin(SHARES), "worst"] = 0.0
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
    """Return the repository's id of each task of a database by the database's own."""
    tasks = knowledge.task_table(database)
    return {key: task_id(row) for key, row in zip(tasks.index, _rows(tasks), strict=True)}


def _rows(tasks: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in tasks.to_dict("records")]


def id_of(task: TaskRecord) -> str:
    """Return the repository's id of a task that is about to be stored."""
    described = {name: getattr(task, name) for name in (*_IDENTITY[1:], "hold_out")}
    dataset = {"name": task.dataset.name, "fingerprint": task.dataset.fingerprint}
    return task_id({**described, **dataset})


def task_id(task: Mapping[str, Any]) -> str:
    """Return a task's id: what people call it, and digits that no other task has.

    Args:
        task: as a row of `knowledge.task_table`.
    """
    identity = repr([str(task[name]) for name in _IDENTITY])
    digits = hashlib.sha256(identity.encode()).hexdigest()[:6]
    held_out = ", classes held out" if task["hold_out"] > 0 else ""
    epochs = f"{task['epochs']} epochs"
    net = short_net(task["net"])
    return f"{short_name(task['name'])}, {net}, {epochs}{held_out} #{digits}"


def _source(task: pd.Series) -> str:
    """Return the source of a task; of a path its last name, with digits that no other has."""
    name, _ = _parsed(task["name"])
    if not Path(name).is_absolute():
        return str(task["source"])
    return f"{Path(name).name} #{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def short_name(dataset: str) -> str:
    """Return a data set's name without the folders above it, which are nobody else's business."""
    name, subset = _parsed(dataset)
    return format_spec(Path(name).name, subset.without_folders())


def _parsed(dataset: str) -> tuple[str, Subset]:
    try:
        return parse(dataset)
    except UsageError:  # a path with brackets of its own
        return dataset, Subset()
