"""Who changed what, in the log of a real server."""

import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from tests.serve.conftest import fill, make_study

PAGE = {"accept": "text/html"}
SECRET, READING = "the secret of a team", "the one for readers"


@pytest.fixture
def logged(sqlite_database, sqlite_url, run_server):
    """Call with what to do to a server's address; returns the lines it logs meanwhile."""
    fill(make_study(sqlite_database))

    def call(act, **options):
        with run_server(sqlite_url, **options) as (process, address, _):
            act(address)
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
            assert process.wait(20) == 0
        return [line.split(" ", 1)[1] for line in rest.splitlines()]

    return call


def form(client, path):
    text = client.get(path, headers=PAGE).text
    return {"told": re.search(r'name="told" value="([^"]*)"', text)[1]}


def test_every_change_is_a_line_that_says_who(logged):
    def act(address):
        with httpx.Client(base_url=address, timeout=60) as client:
            for action in ("pause", "resume"):
                assert client.post(f"/sweep/api/v1/studies/mine/{action}").status_code == 200
            assert client.post("/sweep/studies/mine/stop").status_code == 303
            renamed = {**form(client, "/sweep/rename/mine"), "name": "a b"}
            assert client.post("/sweep/rename/mine", data=renamed).status_code == 303
            assert (
                client.post("/sweep/rename/a%20b", data=renamed | {"name": ""}).status_code == 422
            )
            deleted = form(client, "/sweep/delete/a%20b")
            assert client.post("/sweep/delete/a%20b", data=deleted).status_code == 303
            assert client.get("/sweep/studies").status_code == 200

    by = ", by anybody on this machine from 127.0.0.1"
    assert logged(act) == [
        f"INFO sweeper.serve.audit: pause study 'mine'{by}",
        f"INFO sweeper.serve.audit: resume study 'mine'{by}",
        f"INFO sweeper.serve.audit: stop study 'mine'{by}",
        f"INFO sweeper.serve.audit: rename study 'mine' to 'a b'{by}",
        f"INFO sweeper.serve.audit: delete study 'a b' with 3 trials and 2 controls{by}",
    ]


def test_what_is_refused_is_no_change_and_the_token_is_not_told(logged):
    def act(address):
        for token, status in ((None, 401), (READING, 403), (SECRET, 200)):
            headers = {} if token is None else {"authorization": f"Bearer {token}"}
            answer = httpx.post(f"{address}/sweep/api/v1/studies/mine/pause", headers=headers)
            assert answer.status_code == status

    (line,) = logged(act, token=SECRET, reading_token=READING)
    assert line.endswith("pause study 'mine', by the holder of the token from 127.0.0.1")


def test_what_the_dashboard_changes_is_told_by_its_address(logged):
    def act(address):
        assert httpx.delete(f"{address}/api/studies/0").status_code < 500

    (line,) = logged(act, writes=True)
    assert line.startswith("INFO sweeper.serve.audit: DELETE /api/studies/0, by anybody")


def test_as_json_even_the_address_is_an_event(sqlite_database, sqlite_url, serve_command):
    fill(make_study(sqlite_database))
    with serve_command("--log-format", "json", "--storage", sqlite_url) as (process, address):
        assert httpx.post(f"{address}/sweep/api/v1/studies/mine/stop").status_code == 200
        process.send_signal(signal.SIGINT)
        (event,) = (json.loads(line) for line in process.stderr.read().splitlines())
    assert event.pop("time").endswith("Z")
    assert event == {
        "level": "info",
        "logger": "sweeper.serve.audit",
        "message": "stop study 'mine', by anybody on this machine from 127.0.0.1",
        "action": "stop",
        "study": "mine",
        "visitor": "anybody on this machine from 127.0.0.1",
    }


@pytest.fixture
def serve_command():
    """Run `sweeper serve` with these options, which log as JSON, on a free port."""

    @contextmanager
    def run(*options):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        words = [sys.executable, "-m", "sweeper", "serve", "--port", f"{port}", *options]
        process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        try:
            first = json.loads(process.stderr.readline())
            address = f"http://127.0.0.1:{port}"
            assert first["message"] == f"serving on {address}/sweep"
            yield process, address
        finally:
            process.kill()
            process.wait()
            process.stderr.close()

    return run
