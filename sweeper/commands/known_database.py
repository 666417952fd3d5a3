"""The database that recommendations learn from, if there is one."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sweeper.commands.options import storage_hint

if TYPE_CHECKING:
    from sweeper.store import Database


@contextmanager
def known_database(
    options: argparse.Namespace, may_lack: bool = False
) -> "Iterator[Database | None]":
    """Open the database of ``--storage``; yield None if the default one does not exist yet.

    The built-in repository works without a database.

    Args:
        options: the parsed command line.
        may_lack: whether a database given by ``--storage`` may be missing because it will be
            created later.

    Raises:
        SweeperError: the database given by ``--storage`` does not exist, or cannot be opened.
    """
    from sweeper import store

    try:
        database = store.open_database(options.storage)
    except store.NoDatabaseError:
        if storage_hint(options) and not may_lack:
            raise
        yield None
        return
    with database:
        yield database
