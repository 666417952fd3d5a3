"""The schema of our tables: its versions and its migrations."""

from sqlalchemy import Engine, inspect, text

from sweeper.resources import data_folder
from sweeper.store.database.base import PREFIX

#: Optuna keeps its own version in Alembic's default table.
VERSION_TABLE = "sweeper_alembic_version"


def known_versions() -> list[str]:
    """Return the versions of the schema, oldest first: the numbers of the migration files.

    Read from the file names, since importing Alembic takes longer than most commands.
    """
    folder = data_folder("db") / "migrations" / "versions"
    return sorted(path.name.partition("_")[0] for path in folder.glob("[0-9]*.py"))


def version_of(engine: Engine) -> str | None:
    """Return the version of our tables in a database, None if there are none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
        return found


def version_fault(engine: Engine) -> str | None:
    """Return what is wrong with the version of our tables, None if it is current."""
    known = known_versions()
    found = version_of(engine)
    if found == known[-1]:
        return None
    if found is None:
        return (
            "no tables of sweeper; `sweeper run STUDY` creates them, or choose another database "
            "with --storage"
        )
    if found in known:
        return f"its tables are older ({found}) than this sweeper; run `sweeper db upgrade`"
    return f"its tables are newer ({found}) than this sweeper; upgrade sweeper"


def migrate(engine: Engine) -> None:
    """Migrate our tables to the newest version in one transaction. Requires the schema lock."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = str(data_folder("db") / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_ours(_item: object, name: str | None, kind: str, *_: object) -> bool:
    """Tell Alembic which objects to compare: our tables and everything that belongs to them."""
    return kind != "table" or (name or "").startswith(PREFIX)
