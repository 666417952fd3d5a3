"""Optuna's tables in the same database, on the same connections as ours.

Workers read and write them through `worker_storage`, which imports Optuna immediately.
"""

from typing import TYPE_CHECKING

from sqlalchemy import URL, Engine, inspect, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from sweeper.errors import SweeperError
from sweeper.store.database.address import shown
from sweeper.store.database.engine import engine_options, set_hooks
from sweeper.store.timing import Timing

if TYPE_CHECKING:
    from optuna.storages import RDBStorage


def are_made(engine: Engine) -> bool:
    """Return whether Optuna's tables are complete, including the version, which it writes last."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return (
            connection.execute(text("SELECT version_num FROM alembic_version")).first() is not None
        )


def open_storage(engine: Engine, timing: Timing) -> "RDBStorage":
    """Return Optuna's storage on our engine, with its connections and hooks.

    Creates missing tables, so it requires the schema lock.

    Raises:
        SweeperError: the tables have a different version of Optuna.
    """
    storage = _own_storage(engine.url, timing)
    if fault := _version_fault(storage):
        raise SweeperError(f"{shown(engine.url)}: {fault}")
    # Optuna always creates an engine. We could pass it our pool, but not what our engine has
    # learned about the server, which it would miss on connections that are already open.
    storage.remove_session()
    storage.scoped_session.configure(bind=engine)
    storage.engine = engine
    return storage


def count_waiting(session: Session, study_id: int) -> int:
    """Return the number of waiting trials of an Optuna study."""
    query = "SELECT count(*) FROM trials WHERE study_id = :study AND state = 'WAITING'"
    return int(session.execute(text(query), {"study": study_id}).scalar_one())


def check(url: URL, timing: Timing) -> str | None:
    """Return what is wrong with the version of Optuna's tables, None if it is current."""
    return _version_fault(_own_storage(url, timing))


def upgrade(url: URL, timing: Timing) -> None:
    """Upgrade Optuna's tables to the installed version; create them if they are missing.

    Raises:
        SweeperError: they are newer, or of unknown origin.
    """
    storage = _own_storage(url, timing)
    fault = _version_fault(storage)
    if fault and not _is_known(storage):
        raise SweeperError(f"{shown(url)}: {fault}")
    if fault:
        storage.upgrade()


def _own_storage(url: URL, timing: Timing) -> "RDBStorage":
    """Return Optuna's storage on its own engine, which closes each connection after use.

    Later version queries also use that engine.
    """
    from optuna.storages import RDBStorage

    # Optuna treats braces in the URL as a template.
    text_url = url.render_as_string(hide_password=False).replace("{", "{{").replace("}", "}}")
    connect_args = engine_options(url, timing)["connect_args"]
    options = {"connect_args": connect_args, "poolclass": NullPool}
    storage = RDBStorage(text_url, options, skip_compatibility_check=True)
    set_hooks(storage.engine, timing)
    return storage


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
