"""The schema: its versions, its migrations, and whether the database has what the code expects."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text

from sweeper.errors import SweeperError
from sweeper.resources import data_folder
from sweeper.store import optuna_tables
from sweeper.store.lock import schema_lock
from sweeper.store.tables import PREFIX, Base
from sweeper.store.trouble import translated

if TYPE_CHECKING:
    from sweeper.store.database import Database

#: Optuna keeps its own version in Alembic's default table.
VERSION_TABLE = "sweeper_alembic_version"


def known_versions() -> list[str]:
    """Return the versions of the schema, oldest first: the numbers of the migrations' files.

    Read from the names, since importing Alembic would take longer than most commands.
    """
    folder = data_folder("db") / "migrations" / "versions"
    return sorted(path.name.partition("_")[0] for path in folder.glob("[0-9]*.py"))


def version_of(engine: Engine) -> str | None:
    """Return the version of our tables in a database, None where there are none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
        return found


def version_fault(engine: Engine) -> str | None:
    """Return what is wrong with the version of our tables, None where it is the right one."""
    known = known_versions()
    found = version_of(engine)
    if found == known[-1]:
        return None
    if found is None:
        return (
            "no tables of sweeper; `sweeper run STUDY` makes them, or name another with --storage"
        )
    if found in known:
        return f"its tables are older ({found}) than this sweeper; run `sweeper db upgrade`"
    return f"its tables are newer ({found}) than this sweeper; upgrade sweeper"


def migrate(engine: Engine) -> None:
    """Bring our tables to the newest version, in one transaction. Hold the schema lock."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = str(data_folder("db") / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def upgrade(database: "Database") -> str:
    """Bring our tables, and Optuna's, to the newest version; return ours.

    Raises:
        SweeperError: the tables are newer than the code.
    """
    with translated(database.name), schema_lock(database.engine, alone=True):
        found = version_of(database.engine)
        if found is not None and found not in known_versions():
            raise SweeperError(f"{database.name}: {version_fault(database.engine)}")
        migrate(database.engine)
        optuna_tables.upgrade(database.url)
    return known_versions()[-1]


def check(database: "Database") -> list[str]:
    """Return what is wrong with a database, one line each; nothing when all is well.

    Compares versions, compares each of our tables with the code, and on SQLite reads the whole
    file for damage.
    """
    with translated(database.name), schema_lock(database.engine, alone=False):
        fault = version_fault(database.engine)
        faults = [fault] if fault else []
        with database.engine.connect() as connection:
            if not fault:
                faults += _differences(connection)
            if connection.dialect.name == "sqlite":
                faults += _damage(connection)
        if not optuna_tables.are_made(database.engine):
            faults.append("no tables of Optuna; `sweeper run STUDY` makes them")
        elif fault := optuna_tables.check(database.url):
            faults.append(fault)
        return faults


def is_ours(_item: object, name: str | None, kind: str, *_: object) -> bool:
    """Tell Alembic what to look at: our tables, with all that belongs to them."""
    return kind != "table" or (name or "").startswith(PREFIX)


def _differences(connection: Connection) -> list[str]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "include_object": is_ours}
    )
    return [_describe(difference) for difference in compare_metadata(context, Base.metadata)]


def _describe(difference: Any) -> str:
    """Put one of Alembic's differences, a tuple or a list of tuples, in words."""
    if isinstance(difference, list):
        return "; ".join(_describe(each) for each in difference)
    what, *about = difference
    named = [getattr(each, "name", each) for each in about]
    words = [each for each in named if isinstance(each, str)]
    task = what.replace("add_", "missing ").replace("remove_", "unknown ").replace("_", " ")
    return f"{task} {'.'.join(words)}"


def _damage(connection: Connection) -> list[str]:
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    return [f"damaged: {line}" for line in found if line != "ok"]
