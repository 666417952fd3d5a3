"""PostgreSQL behind PgBouncer, Debian's own, in each of its modes."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url, text

from sweeper.errors import SweeperError
from sweeper.store import create_study, find_study, open_database

pytestmark = pytest.mark.skipif(
    shutil.which("pgbouncer") is None, reason="Debian's package pgbouncer is not installed"
)


@pytest.fixture
def behind(postgres_url):
    """Start PgBouncer before the server, in a mode; return the URL through it."""
    folder = Path(tempfile.mkdtemp(prefix="pgb"))
    folder.chmod(0o755)
    server = make_url(postgres_url)
    processes = []

    def start(mode: str, pool_size: int) -> str:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        (folder / "users").write_text(f'"{server.username}" ""\n')
        host = str(server.host or server.query["host"])
        (folder / "ini").write_text(
            f"[databases]\n* = host={host} port={server.port or 5432}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = trust\nauth_file = {folder / 'users'}\n"
            f"pool_mode = {mode}\ndefault_pool_size = {pool_size}\n"
        )
        # It refuses to run as root, and a socket is in a folder of the server's user.
        other = Path(host).owner() if host.startswith("/") else "nobody"
        process = subprocess.Popen(
            ["pgbouncer", "--quiet", str(folder / "ini")],
            user=None if os.geteuid() else other,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        url = URL.create(
            "postgresql", server.username, host="127.0.0.1", port=port, database=server.database
        ).render_as_string()
        end = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(url, connect_timeout=5).close()
                return url
            except psycopg.OperationalError:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < end
                time.sleep(0.1)

    yield start
    for process in processes:
        process.terminate()
        process.communicate(timeout=20)
    shutil.rmtree(folder)


@pytest.mark.parametrize("pool_size", [1, 20])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_what_loses_locks_is_told_before_anything_is_done(behind, mode, pool_size, postgres_url):
    url = behind(mode, pool_size)
    began = time.monotonic()
    with pytest.raises(SweeperError) as told:
        open_database(url, create=True)
    assert time.monotonic() - began < 10
    assert "\n" not in str(told.value)
    if mode == "transaction":  # else PgBouncer says itself that it takes no transactions
        assert "pool_mode = session" in str(told.value)
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as server:
        assert server.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)


def test_by_the_session_it_is_as_without(behind, study_record):
    url = behind("session", 20)
    with open_database(url, create=True) as database, open_database(url) as other:
        created = create_study(database, study_record)
        assert find_study(other, study_record.name).id == created.id
        for engine in (database.engine, database.optuna_storage.engine):
            with engine.connect() as connection:
                assert connection.scalar(text("SHOW timezone")) in ("utc", "UTC")
                assert connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"
        with database.schema_lock(alone=True), database.engine.connect() as connection:
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            assert connection.scalar(text(held)) == 1
    # The lock of a connection that is closed is nobody's, though the server's session goes on.
    with open_database(url) as again, again.schema_lock(alone=True):
        pass
