"""A repository that was read and checked before, kept in the user's cache as columns.

Checking every value of the texts takes longer than an answer. The file holds plain arrays, and says
of which bytes and by which code it was made; anything else is read anew, and so is a file that
others can write, since what it says is not checked. It may be deleted at any time.
"""

import contextlib
import hashlib
import io
import os
import stat
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper import __version__
from sweeper.data.paths import cache_folder
from sweeper.errors import SweeperError
from sweeper.files import replace_file
from sweeper.repository import archive, checks, columns, files, records, task_plans
from sweeper.repository.files import PROVENANCE, TABLES, load
from sweeper.repository.records import Repository

#: Increases when tables are kept otherwise.
_FORMAT = 1

_FILE = "repository.npz"


def load_kept(folder: Path) -> Repository:
    """Return `sweeper.repository.files.load` of a folder, from the cache where it is there.

    Raises:
        SweeperError: the repository cannot be read.
    """
    made_of = _made_of(folder)
    if made_of is None:
        return load(folder)
    known = _recalled(made_of)
    if known is None:
        known = load(folder)
        with contextlib.suppress(SweeperError):  # a cache that cannot be written is done without
            replace_file(_file(), _packed(known, made_of), private=True)
    return known


def _file() -> Path:
    """Return the file, in the user's cache even where data sets are in a folder that many share.

    Raises:
        SweeperError: it is in the home folder of a user who has none.
    """
    return cache_folder() / _FILE


def _made_of(folder: Path) -> str | None:
    """Return what the cache must be of; None where the folder says itself what is wrong with it."""
    digest = hashlib.sha256(f"{_FORMAT} {__version__}".encode())
    for module in (archive, checks, columns, files, records, task_plans):
        digest.update(Path(str(module.__file__)).read_bytes())
    try:
        for name in (PROVENANCE, *TABLES):
            digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    except OSError:
        return None
    return digest.hexdigest()


def _packed(repository: Repository, made_of: str) -> bytes:
    """Return the tables as an .npz: numbers as they are, texts as numbers of distinct ones."""
    arrays: dict[str, Any] = {
        "made_of": np.array(made_of),
        "digest": np.array(repository.digest),
    }
    for kind, table in (("tasks", repository.tasks), ("results", repository.results)):
        arrays[f"{kind}.columns"] = np.array(list(table.columns))
        for number, name in enumerate(table.columns):
            column = table[name]
            if column.dtype == object:
                places, found = pd.factorize(column)
                arrays[f"{kind}.{number}.texts"] = np.array(list(found), dtype=str)
                column = pd.Series(places)
            arrays[f"{kind}.{number}"] = column.to_numpy()
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def _recalled(made_of: str) -> Repository | None:
    """Return what the cache holds, None where that is nothing, or of something else."""
    try:
        with _file().open("rb") as stream:  # closed, too, where it is no .npz
            found = os.fstat(stream.fileno())
            if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
            file = np.load(stream, allow_pickle=False)
            if str(file["made_of"]) != made_of:
                return None
            arrays = {name: file[name] for name in file.files}
        tasks, results = _table(arrays, "tasks"), _table(arrays, "results")
        return Repository.restored(tasks, results, str(arrays["digest"]))
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    except SweeperError:  # there is no home folder
        return None


def _table(arrays: dict[str, NDArray[Any]], kind: str) -> pd.DataFrame:
    columns = {}
    for number, name in enumerate(arrays[f"{kind}.columns"].tolist()):
        column = pd.Series(arrays[f"{kind}.{number}"])
        if (texts := arrays.get(f"{kind}.{number}.texts")) is not None:
            column = pd.Series(texts.astype(object)[column], dtype=object)
        columns[name] = column
    return pd.DataFrame(columns)
