"""A repository as files: a folder to ship, one file to send; read whole or not at all.

Both have the same members: `tasks.csv`, `results.csv.gz`, `dictionary.csv` (what each column means)
and `provenance.json` (format, version, checksums, and where it comes from).
"""

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sweeper.errors import SweeperError
from sweeper.files import replace_file
from sweeper.repository.archive import MAX_BYTES, pack, read_members
from sweeper.repository.checks import check_tables
from sweeper.repository.columns import FEATURE_MEANING, RESULT, TASK, TASK_NAMES, feature_column
from sweeper.repository.records import Repository

FORMAT = "sweeper-repository"

#: Goes up when an older program could no longer read what is written: 2 has `start`, `samples` and
#: `split` of a task.
VERSION = 2

TASKS, RESULTS, DICTIONARY, PROVENANCE = (
    *("tasks.csv", "results.csv.gz", "dictionary.csv", "provenance.json"),
)
TABLES = (TASKS, RESULTS, DICTIONARY)


def export(
    repository: Repository,
    path: Path,
    origin: Mapping[str, str] | None = None,
    meanings: Mapping[str, str] | None = None,
) -> None:
    """Write a repository as one file; the same content gives the same bytes.

    Args:
        repository: what is written.
        path: of the file, which is replaced if it exists.
        origin: who measured it, with what; goes into the provenance.
        meanings: a line on each meta-feature, for the dictionary.

    Raises:
        SweeperError: a value is impossible, or the file cannot be written.
    """
    replace_file(path, pack(_members(repository, origin or {}, meanings or {})))


def export_folder(
    repository: Repository,
    folder: Path,
    origin: Mapping[str, str] | None = None,
    meanings: Mapping[str, str] | None = None,
) -> None:
    """Write the members of `export` into a folder, which is made; other files there stay."""
    for name, content in _members(repository, origin or {}, meanings or {}).items():
        replace_file(folder / name, content)


def load(path: Path) -> Repository:
    """Read what `export` or `export_folder` wrote; every value is checked.

    Raises:
        SweeperError: it is missing, cut off, changed, of a later version, or has a value that is
            impossible; nothing of it is read then.
    """
    return _read(path, str(path))


def loads(content: bytes, name: str) -> Repository:
    """Read the content of a file that `export` wrote; `name` begins the line of an error.

    Raises:
        SweeperError: as `load`.
    """
    return _read(io.BytesIO(content), name)


def _read(source: Path | io.BytesIO, name: str) -> Repository:
    try:
        members = read_members(source, (PROVENANCE, *TABLES))
        _check_provenance(members)
        tables = _table(members[TASKS], TASKS), _table(_unzipped(members[RESULTS]), RESULTS)
        return Repository(*check_tables(*tables, TASKS, RESULTS))
    except SweeperError as error:
        raise SweeperError(f"{name}: {error}") from None


def _members(
    repository: Repository, origin: Mapping[str, str], meanings: Mapping[str, str]
) -> dict[str, bytes]:
    tasks, results = _csv(repository.tasks), _csv(repository.results)
    # What cannot be read again must not be written.
    check_tables(_table(tasks, TASKS), _table(results, RESULTS), TASKS, RESULTS)
    content = {
        TASKS: tasks,
        RESULTS: gzip.compress(results, mtime=0),
        DICTIONARY: _dictionary(repository, meanings),
    }
    provenance = {
        "format": FORMAT,
        "version": VERSION,
        "tasks": len(repository.tasks),
        "results": len(repository.results),
        "origin": dict(sorted(origin.items())),
        "sha256": {name: hashlib.sha256(member).hexdigest() for name, member in content.items()},
    }
    text = json.dumps(provenance, indent=2, ensure_ascii=False) + "\n"
    return {**content, PROVENANCE: text.encode()}


def _csv(table: pd.DataFrame) -> bytes:
    text: str = table.to_csv(index=False, lineterminator="\n")
    return text.encode()


def _dictionary(repository: Repository, meanings: Mapping[str, str]) -> bytes:
    names = [str(name) for name in repository.tasks.columns[len(TASK_NAMES) :]]
    features = [feature_column(name, meanings.get(name, FEATURE_MEANING)) for name in names]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("member", "column", "type", "unit", "meaning"))
    for member, columns in ((TASKS, (*TASK, *features)), (RESULTS, RESULT)):
        writer.writerows((member, c.name, c.type, c.unit, c.meaning) for c in columns)
    return text.getvalue().encode()


def _check_provenance(members: Mapping[str, bytes]) -> None:
    try:
        provenance = json.loads(members[PROVENANCE].decode())
    except (ValueError, RecursionError):
        raise SweeperError(f"{PROVENANCE} is no JSON; get the file again") from None
    if not isinstance(provenance, dict) or provenance.get("format") != FORMAT:
        raise SweeperError(f"{PROVENANCE} is not that of a repository; export one with sweeper")
    version = provenance.get("version")
    if not isinstance(version, int) or version < 1:
        raise SweeperError(f"{PROVENANCE} has no version; get the file again")
    if version > VERSION:
        raise SweeperError(
            f"{PROVENANCE} has version {version}, this program reads {VERSION}: update sweeper"
        )
    checksums = provenance.get("sha256")
    for name in TABLES:
        expected = checksums.get(name) if isinstance(checksums, dict) else None
        if hashlib.sha256(members[name]).hexdigest() != expected:
            raise SweeperError(f"{name} does not have its checksum; get the file again")


def _unzipped(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            text: bytes = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise SweeperError(f"{RESULTS} is no whole gzip file; get the file again") from None
    if len(text) > MAX_BYTES:
        raise SweeperError(f"{RESULTS} is larger than {MAX_BYTES >> 20} MiB")
    return text


def _table(content: bytes, name: str) -> pd.DataFrame:
    """Return a CSV file as texts; a row of too few or too many values is refused."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    except (ValueError, csv.Error) as error:
        raise SweeperError(f"{name} is no CSV file: {error}") from None
    if not rows:
        raise SweeperError(f"{name} is empty")
    header = rows[0]
    if len(set(header)) != len(header):
        raise SweeperError(f"{name} has two columns of one name")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise SweeperError(f"{name} row {number}: {len(row)} values for {len(header)} columns")
    return pd.DataFrame(rows[1:], columns=pd.Index(header, dtype=object), dtype=object)
