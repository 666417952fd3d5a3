"""Whether the server says how it is."""

import asyncio

import httpx
from sqlalchemy import make_url, text

from sweeper.serve.app import make_app
from sweeper.store import open_database


def asker(database):
    """Return what asks an application over the database."""
    transport = httpx.ASGITransport(make_app(database))

    async def answer():
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/health")

    return lambda: asyncio.run(answer())


def test_all_is_well(database):
    answer = asker(database)()
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_tables_of_another_version(own_database):
    ask = asker(own_database)
    with own_database.session() as session:
        session.execute(text("UPDATE sweeper_alembic_version SET version_num = '9999'"))
    answer = ask()
    assert answer.status_code == 503
    assert "upgrade sweeper" in answer.json()["reason"]


def test_a_writer_is_not_waited_for(sqlite_database, sqlite_url):
    ask = asker(sqlite_database)
    with open_database(sqlite_url) as other, other.session() as session:
        session.execute(text("UPDATE sweeper_alembic_version SET version_num = version_num"))
        assert ask().status_code == 200


def test_a_database_out_of_reach(postgres_url, away):
    name = make_url(postgres_url).database
    with open_database(postgres_url, create=True) as database:
        ask = asker(database)
        assert ask().status_code == 200
        with away():
            answer = ask()
            assert answer.status_code == 503
            assert name in answer.json()["reason"]
        assert ask().status_code == 200
