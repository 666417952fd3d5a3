"""All that is known: the repository that comes along, imported ones, and a database's studies."""

from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from sweeper import __version__, store
from sweeper.errors import SweeperError
from sweeper.repository.evaluation.selection import Choice
from sweeper.repository.files import load, loads
from sweeper.repository.own_studies import own_studies
from sweeper.repository.records import Repository
from sweeper.resources import data_folder
from sweeper.store import Database


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
