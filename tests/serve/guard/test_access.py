"""Whom a server answers."""

import pytest

from sweeper.errors import UsageError
from sweeper.serve.guard.access import Access, is_loopback

SECRET = "0123456789abcdef"


@pytest.mark.parametrize(
    ("host", "answers"),
    [
        ("127.0.0.1:8080", True),
        ("localhost", True),
        ("LOCALHOST:8080", True),
        ("[::1]:8080", True),
        ("192.168.0.7:8080", False),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example:80", False),
        ("", False),
    ],
)
def test_on_loopback_it_goes_by_the_names_of_loopback(host, answers):
    assert Access.of("127.0.0.1", [], None, False).knows(host) is answers


def test_on_all_addresses_it_goes_by_any_address_but_by_no_name():
    access = Access.of("0.0.0.0", ["gpu.example"], SECRET, False)
    assert access.knows("192.168.0.7:8080")
    assert access.knows("[fe80::1]:8080")
    assert access.knows("GPU.example:8080")
    assert not access.knows("other.example")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "gpu.example"])
def test_what_others_reach_needs_a_token(host):
    with pytest.raises(UsageError, match="SWEEPER_TOKEN"):
        Access.of(host, [], "", False)
    assert Access.of(host, [], SECRET, False).token == SECRET


@pytest.mark.parametrize(
    "token", ["short", "fifteen letters", "sixteen letters é", "a" * 16 + "\n"]
)
def test_a_weak_token_is_refused(token):
    with pytest.raises(UsageError, match="at least 16 printable"):
        Access.of("127.0.0.1", [], token, False)


def test_a_session_proves_the_token_without_telling_it():
    one, other = (Access.of("127.0.0.1", [], SECRET + end, False) for end in "ab")
    assert one.admits(SECRET + "a")
    assert not one.admits(SECRET + "b")
    assert not one.admits("")
    assert one.admits_session(one.session)
    assert not one.admits_session(other.session)
    assert SECRET not in one.session


def test_without_a_token_nothing_is_one():
    access = Access.of("127.0.0.1", [], None, False)
    assert not access.admits("")
    assert not access.admits_session(access.session)


def test_loopback():
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "127.8.8.8")] == [
        True
    ] * 4
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("gpu.example")
