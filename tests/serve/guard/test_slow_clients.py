"""Clients that are slow, or send too much, over real sockets."""

import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from sweeper.serve.guard import bodies, connections

MANY = 20  # twice as many as optuna-dashboard has threads


@pytest.fixture
def connect(address):
    """Open a connection to the server and send some bytes."""
    parts = urlsplit(address)
    with ExitStack() as stack:

        def opened(sent):
            client = stack.enter_context(socket.create_connection((parts.hostname, parts.port), 60))
            client.sendall(sent)
            return client

        yield opened


def post(path, length):
    head = (f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}")
    return "\r\n".join((*head, "Content-Type: application/json", "", "")).encode()


@pytest.mark.parametrize("path", ["/api/studies/1/plot/edf", "/sweep/api/v1/recommend"])
def test_bodies_that_trickle_hold_up_nobody(sqlite_url, study, run_server, path):
    with run_server(sqlite_url, writes=True) as (_, address, _), ExitStack() as stack:
        parts = urlsplit(address)
        for _ in range(MANY):
            client = socket.create_connection((parts.hostname, parts.port), 60)
            stack.enter_context(client).sendall(post(path, 100) + b"{")
        began = time.monotonic()
        for page in ("/dashboard", "/api/studies", "/sweep/login", "/ready"):
            assert httpx.get(address + page, timeout=30).status_code in (200, 303)
        assert time.monotonic() - began < 10


def test_readers_that_stop_reading_hold_up_nobody(address, connect):
    for _ in range(MANY):
        connect(b"GET /static/bundle.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    time.sleep(1)
    assert httpx.get(f"{address}/api/studies", timeout=30).status_code == 200


def test_too_large_a_body_is_refused_before_it_is_read(address, connect):
    client = connect(post("/sweep/api/v1/recommend", bodies.MOST_BYTES + 1))
    assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_too_large_a_body_without_a_length_is_refused(address):
    def chunks():
        for _ in range(bodies.MOST_BYTES // 1024 + 2):
            yield b" " * 1024

    with httpx.Client(timeout=30) as client:
        try:
            answer = client.post(f"{address}/sweep/api/v1/recommend", content=chunks())
        except httpx.HTTPError:
            return  # the server closed the connection while more was sent
    assert answer.status_code == 413


@pytest.mark.long
def test_a_request_that_never_ends_is_ended(connect):
    head = connect(b"GET /sweep HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    body = connect(post("/sweep/api/v1/recommend", 100) + b"{")
    began = time.monotonic()
    assert head.recv(100) == b""
    assert time.monotonic() - began < connections.SECONDS + 5
    assert body.recv(100).startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < bodies.SECONDS + 5


@pytest.mark.long
def test_a_second_request_has_its_own_time(connect):
    client = connect(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    answer = client.recv(1000)
    while not answer.endswith(b'{"status":"ok"}'):  # head and body may come apart
        answer += client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 200")
    began = time.monotonic()
    for _ in range(4):  # trickled, so that it is never idle for as long as Uvicorn allows
        client.sendall(b"G")
        time.sleep(2)
    client.settimeout(connections.SECONDS)
    assert client.recv(100)[:15] in (b"", b"HTTP/1.1 400 Ba")
    assert time.monotonic() - began < connections.SECONDS + 5
