"""Storage URLs: what is taken, what is refused, and that no password is ever shown."""

import shlex

import pytest

from sweeper.errors import UsageError
from sweeper.store.database.address import option, parse_url, shown, sqlite_file


@pytest.mark.parametrize(
    "text", ["postgresql://u@h/d", "postgres://u@h/d", "postgresql+psycopg2://u@h/d"]
)
def test_postgresql_is_driven_by_psycopg_3(text: str) -> None:
    assert parse_url(text).drivername == "postgresql+psycopg"


def test_an_sqlite_url_names_its_file() -> None:
    assert str(sqlite_file(parse_url("sqlite:////data/my runs/a%b.db"))) == "/data/my runs/a%b.db"
    assert sqlite_file(parse_url("postgresql://h/d")) is None


@pytest.mark.parametrize(
    "text",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
    ],
)
def test_memory_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot share an in-memory SQLite database"):
        parse_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sweeper.db",
        "postgresql:/user:secret@host",
        "postgresql://user:secret@host:port/db",
        "mysql://user:secret@host/db",
        "nonsense://user:secret@host/db",
    ],
)
def test_other_urls_are_refused_without_their_password(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_url(text)
    assert "secret" not in str(raised.value)
    assert "sqlite:///FILE or postgresql://" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_password_is_shown_nowhere() -> None:
    url = parse_url("postgresql://me:secret@host:5433/d?sslpassword=secret&password=secret")
    assert shown(url) == "postgresql://me:***@host:5433/d"


@pytest.mark.parametrize(
    ("set_to", "url", "expected"),
    [
        ("", "sqlite:///sweeper.db", ""),
        ("", "sqlite:///my studies.db", " --storage 'sqlite:///my studies.db'"),
        ("sqlite:///a.db", "sqlite:///a.db", ""),
        ("sqlite:///a.db", "sqlite:///sweeper.db", " --storage sqlite:///sweeper.db"),
        ("mysql://x/y", "sqlite:///sweeper.db", " --storage sqlite:///sweeper.db"),
    ],
)
def test_it_is_there_where_commands_would_take_another_database(monkeypatch, set_to, url, expected):
    monkeypatch.setenv("SWEEPER_STORAGE", set_to)
    assert option(parse_url(url)) == expected


def test_a_password_is_not_in_it(monkeypatch):
    monkeypatch.delenv("SWEEPER_STORAGE", raising=False)
    words = shlex.split(option(parse_url("postgresql://me:secret@host/db?sslpassword=x")))
    assert words == ["--storage", "postgresql://me@host/db"]


def test_all_else_that_it_takes_to_get_there_is(monkeypatch):
    """A hint is to be copied: it must lead to the same database."""
    monkeypatch.delenv("SWEEPER_STORAGE", raising=False)
    given = "postgresql://me:secret@/db?host=/run/pg&port=5433&sslmode=require&password=x"
    _, hint = shlex.split(option(parse_url(given)))
    assert "secret" not in hint
    found = parse_url(hint)
    assert found.password is None
    assert dict(found.query) == {"host": "/run/pg", "port": "5433", "sslmode": "require"}
    assert (found.username, found.database) == ("me", "db")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://me:secret@h/d?foo=secret", "unknown parameter 'foo' of the storage's URL"),
        ("postgresql://h/d?ssl_mode=require", "did you mean sslmode"),
        ("sqlite:///x.db?timeout=3", "a storage in SQLite takes no parameters such as 'timeout'"),
    ],
)
def test_a_parameter_that_nothing_reads_is_refused(url, message):
    with pytest.raises(UsageError) as told:
        parse_url(url)
    assert message in str(told.value)
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)
