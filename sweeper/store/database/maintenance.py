"""Database maintenance: upgrading and checking the optuna_tables."""

from typing import Any

from sqlalchemy import Connection

from sweeper.errors import SweeperError
from sweeper.store.database import optuna_tables, schema
from sweeper.store.database.database import Database
from sweeper.store.database.error_messages import explain_errors
from sweeper.store.database.tables import Base


def upgrade(database: Database) -> str:
    """Upgrade our tables and Optuna's to the newest version; return the version of ours.

    Raises:
        SweeperError: the tables are newer than the code.
    """
    with explain_errors(database.name), database.schema_lock(alone=True):
        found = schema.version_of(database.engine)
        if found is not None and found not in schema.known_versions():
            raise SweeperError(f"{database.name}: {schema.version_fault(database.engine)}")
        schema.migrate(database.engine)
        optuna_tables.upgrade(database.url, database.timing)
    return schema.known_versions()[-1]


def check(database: Database) -> list[str]:
    """Return the problems of a database, one line each; empty if there are none.

    Compares versions, compares each of our tables with the code, and checks the whole file of an
    SQLite database for damage.
    """
    with explain_errors(database.name), database.schema_lock(alone=False):
        fault = schema.version_fault(database.engine)
        faults = [fault] if fault else []
        with database.engine.connect() as connection:
            if not fault:
                faults += _differences(connection)
            if connection.dialect.name == "sqlite":
                faults += _damage(connection)
        if not optuna_tables.are_made(database.engine):
            faults.append("Optuna's tables are missing; `sweeper run STUDY` creates them")
        elif fault := optuna_tables.check(database.url, database.timing):
            faults.append(fault)
        return faults


def _differences(connection: Connection) -> list[str]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(
        connection, opts={"version_table": schema.VERSION_TABLE, "include_object": schema.is_ours}
    )
    return [_describe(difference) for difference in compare_metadata(context, Base.metadata)]


def _describe(difference: Any) -> str:
    """Describe one of Alembic's differences, a tuple or a list of tuples."""
    if isinstance(difference, list):
        return "; ".join(_describe(each) for each in difference)
    what, *about = difference
    named = [getattr(each, "name", each) for each in about]
    words = [each for each in named if isinstance(each, str)]
    task = what.replace("add_", "missing ").replace("remove_", "unknown ").replace("_", " ")
    return f"{task} {'.'.join(words)}"


def _damage(connection: Connection) -> list[str]:
    lines = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    return [f"damaged: {line}" for line in lines if line != "ok"]
