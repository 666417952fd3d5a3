"""The database that a command learns from, where there is one."""

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
    """Open the database of ``--storage``; give None where the default one is not there yet.

    The repository that comes with the program answers without any.

    Args:
        options: has the storage.
        may_lack: whether one that was named may lack, too, since it will be made.

    Raises:
        SweeperError: a database that was named is not there, or it cannot be opened.
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
