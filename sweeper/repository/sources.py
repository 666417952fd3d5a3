"""The sources of results: the shipped repository, imported ones, and a database's studies."""

from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from sweeper import __version__, store
from sweeper.errors import SweeperError
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.files import loads
from sweeper.repository.kept import load_kept
from sweeper.repository.own_studies import own_studies, short_name, source_of
from sweeper.repository.records import Repository
from sweeper.repository.task_weights import OwnTasks
from sweeper.resources import data_folder
from sweeper.store import Database

#: Beside the members of the shipped repository: all measures, also of losses with a term.
MEASURES = "measures.csv.gz"

_left_out: set[str] = set()


def all_results(database: Database | None) -> Repository:
    """Return all results: of a database's studies, imported into it, and shipped.

    Args:
        database: None for only the shipped repository.

    Raises:
        SweeperError: a repository cannot be read.
    """
    return shipped() if database is None else database_results(database).joined(shipped())


def known_and_own(
    database: Database | None, dataset: str = "", source: str = "", without: str = ""
) -> tuple[Repository, OwnTasks]:
    """Return `all_results`, and which of the tasks are the user's own or on the very data.

    Args:
        database: the user's; None for only what is shipped.
        dataset: canonical name of the data set that is asked about; empty if it has none.
        source: its source, see `sweeper.data.Dataset`.
        without: name of a study of the user's that is left out.

    Raises:
        SweeperError: a repository cannot be read.
    """
    own = Repository.empty() if database is None else database_results(database, without)
    known = own.joined(shipped())
    tasks = known.tasks
    same = tasks["dataset"] == short_name(dataset)
    same &= tasks["source"] == source_of(dataset, source)
    ids = tasks.loc[same, "id"] if dataset else ()
    return known, OwnTasks(frozenset(own.tasks["id"]), frozenset(ids))


def database_results(database: Database, without: str = "") -> Repository:
    """Return the results of a database's own studies, all but one, and those imported into it.

    Raises:
        SweeperError: a repository cannot be read.
    """
    known = own_studies(database, without)
    for imported in store.imported_repositories(database):
        try:
            known = known.joined(loads(imported.content, imported.name))
        except SweeperError as error:
            remedy = f"sweeper repository remove {imported.short_digest} --yes{database.option}"
            raise SweeperError(f"{error}; `{remedy}` takes it out") from None
    return known


def origin() -> dict[str, str]:
    """Return the provenance of an exported repository."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "sweeper": __version__,
        "torch": version("torch"),
        "split": "validation",
    }


def stored_choice(
    objective: str, database: Database | None, digest: str | None = None
) -> Choice | None:
    """Return what `sweeper fit` found for an objective, or else the shipped choice.

    Choices of versions that predicted otherwise are passed over.

    Args:
        objective: the predicted objective.
        database: the database with a choice by `sweeper fit`, if any.
        digest: digest of the queried repository; a choice made on it takes precedence.

    Raises:
        SweeperError: the stored choice cannot be used.
    """
    texts = [] if database is None else [store.find_choice(database, objective)]
    path = choice_file(objective)
    texts += [path.read_text(encoding="utf-8")] if path.is_file() else []
    read = [Choice.from_json(text) for text in texts if text is not None]
    choices = [choice for choice in read if choice is not None]
    return min(choices, key=lambda choice: choice.digest != digest, default=None)


@cache
def shipped() -> Repository:
    """Return the shipped repository, without the sources that `leave_out` was told."""
    whole = load_kept(shipped_folder())
    if not _left_out:
        return whole
    tasks = whole.tasks[~whole.tasks["source"].isin(_left_out)]
    return Repository(tasks, whole.results[whole.results["task"].isin(tasks["id"])])


def leave_out(source: str) -> None:
    """Leave a source out of what `shipped` returns, in this process from now on.

    So that a search of its data can be measured as one of data that nobody knows. What was chosen
    on all sources (`stored_choice`) stays.
    """
    if source not in set(load_kept(shipped_folder()).tasks["source"]):
        raise ValueError(f"no source is called {source!r}")
    _left_out.add(source)
    shipped.cache_clear()


@cache
def shipped_measures() -> pd.DataFrame:
    """Return all measures of the shipped tasks, for `sweeper.repository.terms.gains`."""
    return read_measures(shipped_folder() / MEASURES)


def read_measures(path: Path) -> pd.DataFrame:
    """Return a table of all measures: one row per task, setting, term, λ and seed."""
    # At once: in chunks a column of texts that is empty for long would be of mixed types.
    table = pd.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False)
    return table.fillna({"term": ""})


def shipped_folder() -> Path:
    """Return the folder of the shipped repository."""
    return data_folder("db") / "repository"


def choice_file(objective: str) -> Path:
    """Return the file of the shipped choice."""
    return shipped_folder() / f"choice-{objective}.json"


def import_file(database: Database, path: Path) -> bool:
    """Import a repository file into a database; return False if it was already there.

    Raises:
        SweeperError: it is missing, truncated, modified, of a later version, or has an invalid
            value; then nothing is imported.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SweeperError(f"{path} cannot be read: {error.strerror}") from None
    digest = loads(content, str(path)).digest
    return store.add_repository(database, store.Imported(path.name, digest, content))
