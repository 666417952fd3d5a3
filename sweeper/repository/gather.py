"""All that is known: the repository that comes along, imported ones, and a database's studies."""

import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from sweeper import __version__, store
from sweeper.data import format_spec, parse
from sweeper.errors import SweeperError, UsageError
from sweeper.repository.columns import RESULT, RESULT_NAMES, SETTING, TASK_NAMES
from sweeper.repository.files import load, loads
from sweeper.repository.meta_features import FEATURES
from sweeper.repository.objectives import OBJECTIVES, SHARES
from sweeper.repository.records import Repository
from sweeper.repository.selection import Choice
from sweeper.resources import data_folder
from sweeper.store import Database

#: Identifies a task beside its data: studies that share all of it measured the same thing.
_IDENTITY = ("fingerprint", "split_fingerprint", "net", "embedding", "epochs", "batch_size")


def everything_known(database: Database | None) -> Repository:
    """Return what a database's own studies measured, what was imported there, and what came along.

    Args:
        database: None for what comes with the program alone.

    Raises:
        SweeperError: a repository cannot be read.
    """
    return shipped() if database is None else measured_here(database).joined(shipped())


def measured_here(database: Database) -> Repository:
    """Return what a database's own studies measured, and what was imported there.

    Raises:
        SweeperError: a repository cannot be read.
    """
    known = own_studies(database)
    for imported in store.imported_repositories(database):
        known = known.joined(loads(imported.content, imported.name))
    return known


def origin() -> dict[str, str]:
    """Return what is said of where an exported repository comes from."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "sweeper": __version__,
        "torch": version("torch"),
        "split": "validation",
    }


def stored_choice(
    objective: str, database: Database | None, digest: str | None = None
) -> Choice | None:
    """Return the surface chosen for an objective: by `sweeper fit`, else the one that came along.

    Args:
        objective: what it predicts.
        database: where `sweeper fit` kept its choice, if there is one.
        digest: of the repository that is asked: a choice made on just that goes first.

    Raises:
        SweeperError: what is stored cannot be used.
    """
    texts = [] if database is None else [store.find_choice(database, objective)]
    path = choice_file(objective)
    texts += [path.read_text(encoding="utf-8")] if path.is_file() else []
    choices = [Choice.from_json(text) for text in texts if text is not None]
    return min(choices, key=lambda choice: choice.digest != digest, default=None)


@cache
def shipped() -> Repository:
    """Return the repository that comes with the program."""
    return load(shipped_folder())


def shipped_folder() -> Path:
    """Return the folder of the repository that comes with the program."""
    return data_folder("db") / "repository"


def choice_file(objective: str) -> Path:
    """Return the file of the choice that comes with the program."""
    return shipped_folder() / f"choice-{objective}.json"


def own_studies(database: Database) -> Repository:
    """Return the searches of a database as a repository: validation results alone.

    A trial that diverged counts, for each of its seeds, as the worst: as a share of 0, and with the
    largest compactness of its task. Pruned, lost and interrupted trials do not count. Results
    beyond what a repository can hold, a scale of a million say, are left out.
    """
    from sweeper.store import knowledge  # brings a query a table, for a database alone

    tasks = knowledge.task_table(database)
    features = [name for name in FEATURES if name in tasks]
    tasks = tasks.dropna(subset=features) if features else tasks.iloc[:0]
    tasks["id"] = [_name(row) for _, row in tasks.iterrows()]
    named = tasks["id"]
    results = knowledge.result_table(database).rename(columns={"measure": "objective"})
    results = results[results["objective"].isin(OBJECTIVES) & results["task"].isin(named.index)]
    results = _with_worst(results, knowledge.diverged_table(database))
    results["task"] = results["task"].map(named)
    results = results[_possible(results)].drop_duplicates([*RESULT_NAMES[:2], *SETTING, "seed"])
    trained = ((1 - tasks["hold_out"]) * tasks["num_classes"]).round().astype(int)
    described = tasks.assign(
        dataset=tasks["name"].map(short_name),
        source=[_source(row) for _, row in tasks.iterrows()],
        num_classes=trained,
        num_train=np.exp(tasks["log_images"]).round().astype(int) if features else [],
    )
    described = described[described["id"].isin(results["task"])].drop_duplicates("id")
    return Repository(described[[*TASK_NAMES, *features]], results[list(RESULT_NAMES)])


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


def _name(task: pd.Series) -> str:
    """Return a task's id: what people call it, and digits that no other task has."""
    identity = repr([str(task[name]) for name in _IDENTITY])
    digits = hashlib.sha256(identity.encode()).hexdigest()[:6]
    held_out = ", classes held out" if task["hold_out"] > 0 else ""
    epochs = f"{task['epochs']} epochs"
    return f"{short_name(task['name'])}, {task['net']}, {epochs}{held_out} #{digits}"


def _source(task: pd.Series) -> str:
    """Return the source of a task; of a path its last name, with digits that no other has."""
    name = _path(task["name"])
    if not Path(name).is_absolute():
        return str(task["source"])
    return f"{Path(name).name} #{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _path(dataset: str) -> str:
    """Return a data set's name without its subset."""
    try:
        return parse(dataset)[0]
    except UsageError:  # a path with brackets of its own
        return dataset


def short_name(dataset: str) -> str:
    """Return a data set's name without the folders above it, which are nobody else's business."""
    try:
        name, subset = parse(dataset)
    except UsageError:  # a path with brackets of its own
        return Path(dataset).name
    return format_spec(Path(name).name, subset)


def import_file(database: Database, path: Path) -> bool:
    """Check a repository's file and keep it in a database; return whether it is new there.

    Raises:
        SweeperError: it is missing, cut off, changed, of a later version, or has a value that is
            impossible; nothing of it is kept then.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SweeperError(f"{path} cannot be read: {error.strerror}") from None
    digest = loads(content, str(path)).digest
    return store.add_repository(database, store.Imported(path.name, digest, content))
