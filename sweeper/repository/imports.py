"""What was imported into a database, as people look at it."""

from dataclasses import dataclass
from datetime import datetime

from sweeper import store
from sweeper.console import count
from sweeper.errors import SweeperError, UsageError
from sweeper.repository.files import loads
from sweeper.store import Database

#: The tasks of files and how much they hold, by digest: to read one takes a second.
_KNOWN: dict[str, tuple[tuple[str, ...], str]] = {}


@dataclass(frozen=True)
class ImportedFile:
    """A file that was imported.

    Attributes:
        name: that of the file.
        digest: of what it holds.
        short_digest: the beginning of it, which tells it from others.
        imported: when.
        tasks: what tasks it has, by name.
        holds: how much that is, or why it cannot be read any more.
    """

    name: str
    digest: str
    short_digest: str
    imported: datetime
    tasks: tuple[str, ...]
    holds: str


def imported_files(database: Database) -> list[ImportedFile]:
    """Return what was imported, the first one first; also what cannot be read any more."""
    return [_described(each) for each in store.imported_repositories(database)]


def find_imported(database: Database, name: str) -> ImportedFile:
    """Return an imported file by its name or the beginning of its digest.

    Raises:
        UsageError: none goes by it, or more than one.
    """
    files = store.imported_repositories(database)
    found = [each for each in files if each.name == name or (name and each.digest.startswith(name))]
    if len(found) == 1:
        return _described(found[0])
    known = ", ".join(f"{each.name} ({each.short_digest})" for each in found or files)
    if found:
        raise UsageError(f"several imported files go by {name!r}: name one by its digest, {known}")
    raise UsageError(f"no imported file goes by {name!r}; there is {known or 'none'}")


def _described(imported: store.Imported) -> ImportedFile:
    tasks, holds = _held(imported)
    return ImportedFile(
        imported.name, imported.digest, imported.short_digest, imported.imported, tasks, holds
    )


def _held(imported: store.Imported) -> tuple[tuple[str, ...], str]:
    """Return the tasks of a file, and how much it holds."""
    if imported.digest not in _KNOWN:
        try:
            repository = loads(imported.content, imported.name)
        except SweeperError as error:
            return (), f"cannot be read: {error}"
        tasks = tuple(map(str, repository.tasks["id"]))
        results = count(len(repository.results), "result")
        _KNOWN[imported.digest] = tasks, f"{count(len(tasks), 'task')}, {results}"
    return _KNOWN[imported.digest]
