"""Optuna's tables in the same database, opened with the same hooks.

What a worker reads and writes there goes through `worker_storage`, which imports Optuna at once.
"""

from typing import TYPE_CHECKING

from sqlalchemy import URL, Engine, inspect, text
from sqlalchemy.orm import Session

from sweeper.errors import SweeperError
from sweeper.store.address import shown
from sweeper.store.engine import engine_options, set_hooks

if TYPE_CHECKING:
    from optuna.storages import RDBStorage


def are_made(engine: Engine) -> bool:
    """Return whether Optuna has made its tables, down to the version that it writes last."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return (
            connection.execute(text("SELECT version_num FROM alembic_version")).first() is not None
        )


def open_storage(url: URL, any_version: bool = False) -> "RDBStorage":
    """Return Optuna's storage; makes its tables where they are missing, so hold the schema lock.

    Raises:
        SweeperError: the tables are of another version of Optuna, unless `any_version`.
    """
    from optuna.storages import RDBStorage

    # Optuna fills braces in the URL as a template of its own.
    text_url = url.render_as_string(hide_password=False).replace("{", "{{").replace("}", "}}")
    storage = RDBStorage(text_url, engine_options(url), skip_compatibility_check=True)
    set_hooks(storage.engine)
    storage.engine.dispose()  # connections from before the hooks
    if not any_version and (fault := _version_fault(storage)):
        storage.engine.dispose()
        raise SweeperError(f"{shown(url)}: {fault}")
    return storage


def count_waiting(session: Session, study_id: int) -> int:
    """Return how many trials of a study of Optuna's wait in its queue."""
    query = "SELECT count(*) FROM trials WHERE study_id = :study AND state = 'WAITING'"
    return int(session.execute(text(query), {"study": study_id}).scalar_one())


def check(url: URL) -> str | None:
    """Return what is wrong with the version of Optuna's tables, None where it is the right one."""
    storage = open_storage(url, any_version=True)
    try:
        return _version_fault(storage)
    finally:
        storage.engine.dispose()


def upgrade(url: URL) -> None:
    """Bring Optuna's tables to the installed Optuna; makes them where they are missing.

    Raises:
        SweeperError: they are newer, or made by something else.
    """
    storage = open_storage(url, any_version=True)
    try:
        fault = _version_fault(storage)
        if fault and not _is_known(storage):
            raise SweeperError(f"{shown(url)}: {fault}")
        if fault:
            storage.upgrade()
    finally:
        storage.engine.dispose()


def _is_known(storage: "RDBStorage") -> bool:
    return storage.get_current_version() in storage.get_all_versions()


def _version_fault(storage: "RDBStorage") -> str | None:
    version = storage.get_current_version()
    if version == storage.get_head_version():
        return None
    if _is_known(storage):
        return f"Optuna's tables are older ({version}); run `sweeper db upgrade`"
    return (
        f"the installed Optuna does not know the version {version} of its tables; upgrade sweeper, "
        "or name another database with --storage"
    )
