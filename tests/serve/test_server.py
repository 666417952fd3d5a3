"""The server as a process of its own: what it says, how it ends, what it refuses."""

import signal
import socket

import httpx
import pytest

from sweeper.errors import SweeperError, UsageError
from sweeper.serve.app import LOCAL
from sweeper.serve.server import serve


def test_it_says_where_it_is_and_ends_quietly(study, sqlite_url, run_server):
    with run_server(sqlite_url) as (process, address, said):
        assert said == [f"{address}/sweep\n"]
        assert address.startswith("http://127.0.0.1:")
        assert httpx.get(f"{address}/dashboard").status_code == 200
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(10) == 0
    assert rest == ""


def test_a_port_in_use_is_one_line(study, sqlite_url):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SweeperError, match=rf"port {port} .* in use; .* --port") as caught:
            serve(sqlite_url, "127.0.0.1", port, LOCAL)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "port", "kind", "message"),
    [
        ("127.0.0.1", 70000, UsageError, "70000 is not a valid port"),
        ("no-such-host.invalid", 8080, SweeperError, "unknown host .*--host"),
        ("192.0.2.1", 8080, SweeperError, "cannot listen on 192.0.2.1"),
    ],
)
def test_an_address_that_cannot_be_is_one_line(study, sqlite_url, host, port, kind, message):
    with pytest.raises(kind, match=message) as caught:
        serve(sqlite_url, host, port, LOCAL)
    assert "\n" not in str(caught.value)


def test_a_database_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(SweeperError, match="no database at"):
        serve(f"sqlite:///{tmp_path}/none.db", "127.0.0.1", 0, LOCAL)
