"""Files that arrive slowly, or never end, over real sockets; nobody else waits for them."""

import socket
import time
from contextlib import ExitStack, contextmanager
from threading import Thread
from urllib.parse import urlsplit

import httpx
import pytest

from sweeper.serve.problem import Problem
from sweeper.serve.uploads import limits
from sweeper.serve.uploads.receive import Arriving

PATHS = ("/sweep/answers", "/sweep/api/v1/recommend/file")
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.npz"\r\n\r\n'
MIB = 1024 * 1024


@pytest.fixture
def connect(address):
    """Open connections to the server."""
    parts = urlsplit(address)
    with ExitStack() as stack:
        yield lambda: stack.enter_context(
            socket.create_connection((parts.hostname, parts.port), 60)
        )


def head(path, length):
    lines = (f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}")
    kind = "Content-Type: multipart/form-data; boundary=x"
    return "\r\n".join((*lines, kind, "", "")).encode()


@contextmanager
def slowest(address):
    """Ask for a page again and again, and give the longest that it took."""
    took, done = [0.0], []

    def ask():
        with httpx.Client(timeout=60) as client:
            while not done:
                began = time.monotonic()
                assert client.get(f"{address}/sweep/login").status_code == 303
                took[0] = max(took[0], time.monotonic() - began)

    thread = Thread(target=ask)
    thread.start()
    try:
        yield took
    finally:
        done.append(True)
        thread.join()


@pytest.mark.parametrize("path", PATHS)
def test_files_that_trickle_hold_up_nobody(address, connect, path):
    for _ in range(40):
        connect().sendall(head(path, limits.MOST_BYTES) + PART + b"\0")
    began = time.monotonic()
    files = {"file": ("a.csv", b"num_classes,per_class\n5,6\n")}
    assert httpx.post(address + path, files=files, timeout=60).status_code in (202, 303)
    for page in ("/sweep/login", "/ready", "/api/studies"):
        assert httpx.get(address + page, timeout=60).status_code in (200, 303)
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("path", PATHS)
def test_a_file_that_says_it_is_too_large_is_refused_before_it_is_read(connect, path):
    client = connect()
    client.sendall(head(path, limits.MOST_BYTES + MIB))
    assert client.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("unit", [b"\r\n--", b"\r\n-", b"\r", b"\r\n--x\r\n"])
def test_bytes_that_look_like_the_end_hold_up_nobody(address, connect, unit):
    content = unit * (8 * MIB // len(unit))
    client = connect()
    with slowest(address) as took:
        client.sendall(head(PATHS[1], len(PART) + len(content)) + PART)
        try:
            client.sendall(content)
            answer = client.recv(100)
        except ConnectionError:  # refused, and closed while more was sent
            answer = b""
    assert answer[:12] in (b"HTTP/1.1 422", b"")
    assert took[0] < 5


def test_headers_of_a_part_that_never_end_are_refused(connect):
    client = connect()
    content = b"--x\r\nA: " + b"a" * (4 * MIB)
    client.sendall(head(PATHS[1], len(content)))
    try:
        client.sendall(content)
        assert client.recv(100)[:12] in (b"HTTP/1.1 422", b"")
    except ConnectionError:
        return  # refused, and closed while more was sent


def test_all_files_that_arrive_have_a_bound_together():
    arriving = Arriving(most=10)
    with arriving.counted() as first, arriving.counted() as second:
        first.take(6)
        with pytest.raises(Problem, match="too many files arrive") as full:
            second.take(5)
        assert (full.value.status, full.value.retry_after) == (503, 30)
        second.take(4)
    with arriving.counted() as third:
        third.take(10)


def test_one_file_has_a_bound_that_does_not_trust_what_it_says():
    with Arriving(most=10**12).counted() as share:
        share.take(limits.MOST_BYTES)
        with pytest.raises(Problem, match="larger than 64 MiB"):
            share.take(MIB)


@pytest.mark.long
def test_a_file_that_stops_is_given_up(connect):
    client = connect()
    client.sendall(head(PATHS[1], MIB) + PART)
    began = time.monotonic()
    assert client.recv(100).startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < limits.STALLED + 10
