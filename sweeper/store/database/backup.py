"""Backups of a database."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from psycopg.conninfo import make_conninfo

from sweeper.errors import SweeperError
from sweeper.store.database.address import sqlite_file
from sweeper.store.database.database import Database
from sweeper.store.database.error_messages import explain_errors


def backup(database: Database, file: Path) -> None:
    """Copy a database to a new file, even while others use it.

    SQLite: another database file. PostgreSQL: an archive of pg_dump, which pg_restore loads into an
    empty database.

    Raises:
        SweeperError: the file already exists or cannot be written, the disk is full, or pg_dump is
            missing or failed. No incomplete file is left.
    """
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        raise SweeperError(f"{file} exists already; choose a new file for the backup") from None
    except OSError as error:
        raise SweeperError(f"cannot write the backup {file}: {error.strerror}") from None
    try:
        source = sqlite_file(database.url)
        with explain_errors(str(file)):
            if source is not None:
                _copy_sqlite(source, file)
            else:
                _dump_postgres(database, file)
    except BaseException:
        file.unlink()
        raise


def _copy_sqlite(source: Path, file: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(file)) as new:
        old.backup(new)


def _dump_postgres(database: Database, file: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise SweeperError("pg_dump is not installed; it comes with PostgreSQL's client programs")
    _, options = database.engine.dialect.create_connect_args(database.url)
    options.pop("context", None)  # specific to psycopg, unknown to PostgreSQL's programs
    password = options.pop("password", None)  # other users can see program arguments
    target = make_conninfo(**options)
    done = subprocess.run(
        [program, "--format=custom", "--no-password", f"--file={file}", f"--dbname={target}"],
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = " ".join(done.stderr.split())
        raise SweeperError(f"the backup of {database.name} failed: {message}")
