"""Writes what was measured as the repository that comes with the program."""

import gzip
import io
import json
from pathlib import Path

import pandas as pd

from sweeper import store
from sweeper.data import parse
from sweeper.files import replace_file
from sweeper.registry.objectives import OBJECTIVES
from sweeper.repository import files, sources
from sweeper.repository.evaluation.regret import evaluate
from sweeper.repository.meta_features.measure import DESCRIPTIONS
from sweeper.repository.own_studies import id_of, own_studies
from sweeper.repository.records import Repository
from sweeper.store import Database, open_database
from tools.atlas.measures import KEY, MEANINGS, MEASURES, measures
from tools.atlas.sweep import SEEDS, SEEDS_OF_SOFTMAX
from tools.atlas.tasks import atlas_tasks

#: Beside the members of a repository: all measures, and what its columns mean.
TABLE, DICTIONARY = sources.MEASURES, "measures-dictionary.csv"

#: Significant digits of a measure; the settings are written as they are.
_DIGITS = 6


def committed(folder: Path) -> pd.DataFrame:
    """Return the table of all measures that was written into a folder, empty if none was."""
    if not (folder / TABLE).is_file():
        return pd.DataFrame(columns=list(KEY))
    return sources.read_measures(folder / TABLE)


def write(url: str, folder: Path, origin: dict[str, str]) -> int:
    """Write the tasks of a database that are done, and keep what the folder has of others.

    Args:
        url: of the database.
        folder: of the repository that comes along.
        origin: what is said of where the figures come from.

    Returns:
        The number of tasks in the folder now.
    """
    with open_database(url) as database:
        done = _done(database)
        new = _with_sources(_of(own_studies(database), done))
        table = measures(database)
        table = table[table["task"].isin(done)]
    origin = {
        **sources.origin(),
        "seeds": f"0 to {SEEDS - 1}, plain softmax 0 to {SEEDS_OF_SOFTMAX - 1}",
        **origin,
    }
    before = committed(folder)
    if len(before):
        repository = new.joined(_of(files.load(folder), set(before["task"])))
        table = pd.concat([table, before]).drop_duplicates(list(KEY))
        kept = len(repository.tasks) - len(new.tasks)
        origin |= earlier(kept, json.loads((folder / files.PROVENANCE).read_text())["origin"])
    else:
        repository = new
    files.export_folder(repository, folder, origin, DESCRIPTIONS)
    table = table.sort_values(list(KEY), ignore_index=True)
    values = [name for name in MEASURES if name in table]
    table[values] = table[values].map(lambda value: float(f"{value:.{_DIGITS}g}"))
    text = table.to_csv(index=False, lineterminator="\n")
    replace_file(folder / TABLE, gzip.compress(text.encode(), mtime=0))
    replace_file(folder / DICTIONARY, _dictionary())
    return len(repository.tasks)


def earlier(kept: int, origin: dict[str, str]) -> dict[str, str]:
    """Return what is said of where tasks come from that a folder had before and keeps.

    Args:
        kept: how many.
        origin: what was said of all that the folder had.
    """
    if not kept:
        return {}
    if "earlier" in origin:
        return {"earlier": origin["earlier"]}
    said = ("date", "sweeper", "torch", "device")
    names = ", ".join(f"{name} {origin[name]}" for name in said if name in origin)
    return {"earlier": f"{kept} tasks: {names}"}


def choose(folder: Path) -> None:
    """Evaluate the recommendations of each objective by what a folder has, and write that there."""
    repository = files.load(folder)
    for objective in OBJECTIVES:
        choice = evaluate(repository, objective).choice
        path = folder / sources.choice_file(objective).name
        replace_file(path, choice.to_json().encode())


def _done(database: Database) -> set[str]:
    """Return the ids of the tasks all of whose studies are done."""
    done: dict[str, bool] = {}
    for summary in store.list_studies(database):
        task = id_of(summary.study.task)
        done[task] = done.get(task, True) and summary.counted >= summary.study.n_trials
    return {task for task, whole in done.items() if whole}


def _of(repository: Repository, tasks: set[str]) -> Repository:
    own = repository.tasks["id"].isin(tasks), repository.results["task"].isin(tasks)
    return Repository(repository.tasks[own[0]], repository.results[own[1]])


def _with_sources(repository: Repository) -> Repository:
    """Name the sources of data that were made, which a path does not tell."""
    sources = {f"{task.made}.npz": task.source for task in atlas_tasks() if task.made}
    made = repository.tasks["dataset"].map(lambda dataset: sources.get(parse(dataset)[0]))
    tasks = repository.tasks.assign(source=made.fillna(repository.tasks["source"]))
    return Repository(tasks, repository.results)


def _dictionary() -> bytes:
    lines = pd.DataFrame([*MEANINGS.items(), *MEASURES.items()], columns=["column", "meaning"])
    text = io.StringIO()
    lines.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()
