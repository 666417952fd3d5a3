"""Tables as versions of before had them."""

from pathlib import Path

import pytest
from sqlalchemy import text

import sweeper
from sweeper.store import DEFAULT_TIMING
from sweeper.store.database.address import parse_url
from sweeper.store.database.engine import make_engine

MIGRATIONS = Path(sweeper.__file__).parents[1] / "db" / "migrations"


@pytest.fixture
def make_version():
    """Make our tables as a version of before had them; return an engine."""
    from alembic import command
    from alembic.config import Config

    def make(url, version):
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        engine = make_engine(parse_url(url), DEFAULT_TIMING)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, version)
        return engine

    return make


@pytest.fixture
def insert_rows():
    """Insert rows into our tables: by table, with blanks behind one that comes again."""

    def insert(connection, rows):
        for name, row in rows.items():
            table, keys = f"sweeper_{name.strip()}", ", ".join(row)
            values = ", ".join(f":{key}" for key in row)
            connection.execute(text(f"INSERT INTO {table} ({keys}) VALUES ({values})"), row)

    return insert
