"""Repositories as files: a folder to ship, or one file to send.

Both have the same members and are validated as a whole: `tasks.csv`, `results.csv.gz`,
`dictionary.csv` (the meaning of each column) and `provenance.json` (format, version, checksums, and
origin).
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
from sweeper.registry.aliases import current_name
from sweeper.repository.archive import MAX_BYTES, pack, read_members
from sweeper.repository.checks import check_tables
from sweeper.repository.columns import FEATURE_MEANING, RESULT, TASK, TASK_NAMES, feature_column
from sweeper.repository.records import Repository

FORMAT = "sweeper-repository"

#: Increases when older programs can no longer read the format. Version 2 added `start`, `samples`
#: and `split` to the tasks; version 1 is still read.
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
        repository: the repository to write.
        path: path of the file, which is replaced if it exists.
        origin: who measured it and how, for the provenance.
        meanings: a description of each meta-feature, for the dictionary.

    Raises:
        SweeperError: a value is invalid, or the file cannot be written.
    """
    replace_file(path, pack(_members(repository, origin or {}, meanings or {})))


def export_folder(
    repository: Repository,
    folder: Path,
    origin: Mapping[str, str] | None = None,
    meanings: Mapping[str, str] | None = None,
) -> None:
    """Write the members of `export` into a folder, which is created; other files there are kept."""
    for name, content in _members(repository, origin or {}, meanings or {}).items():
        replace_file(folder / name, content)


def load(path: Path) -> Repository:
    """Read the result of `export` or `export_folder`; every value is checked.

    Raises:
        SweeperError: it is missing, truncated, modified, of a later version, or has an invalid
            value; then nothing is read.
    """
    return _read(path, str(path))


def loads(content: bytes, name: str) -> Repository:
    """Read the content of a file written by `export`; `name` starts error messages.

    Raises:
        SweeperError: as for `load`.
    """
    return _read(io.BytesIO(content), name)


def _read(source: Path | io.BytesIO, name: str) -> Repository:
    try:
        members = read_members(source, (PROVENANCE, *TABLES))
        _check_provenance(members)
        tasks, results = (
            _table(members[TASKS], TASKS),
            _table(_decompress(members[RESULTS]), RESULTS),
        )
        if "loss" in results:
            names = {name: current_name(name) for name in results["loss"].unique()}
            results["loss"] = results["loss"].map(names)
        return Repository(*check_tables(tasks, results, TASKS, RESULTS))
    except SweeperError as error:
        raise SweeperError(f"{name}: {error}") from None


def _members(
    repository: Repository, origin: Mapping[str, str], meanings: Mapping[str, str]
) -> dict[str, bytes]:
    tasks, results = _csv(repository.tasks), _csv(repository.results)
    # Never write what could not be read again.
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
        raise SweeperError(f"{PROVENANCE} is not JSON; get the file again") from None
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
            raise SweeperError(f"{name} does not match its checksum; get the file again")


def _decompress(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            text: bytes = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise SweeperError(f"{RESULTS} is not a complete gzip file; get the file again") from None
    if len(text) > MAX_BYTES:
        raise SweeperError(f"{RESULTS} is larger than {MAX_BYTES >> 20} MiB")
    return text


def _table(content: bytes, name: str) -> pd.DataFrame:
    """Return a CSV file as strings; reject rows with too few or too many values."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    except (ValueError, csv.Error) as error:
        raise SweeperError(f"{name} is not a CSV file: {error}") from None
    if not rows:
        raise SweeperError(f"{name} is empty")
    header = rows[0]
    if len(set(header)) != len(header):
        raise SweeperError(f"{name} has two columns with the same name")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise SweeperError(f"{name} row {number}: {len(row)} values for {len(header)} columns")
    return pd.DataFrame(rows[1:], columns=pd.Index(header, dtype=object), dtype=object)
