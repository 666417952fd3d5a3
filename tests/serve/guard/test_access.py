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
    assert Access.of("127.0.0.1").knows(host) is answers


def test_on_all_addresses_it_goes_by_any_address_but_by_no_name():
    access = Access.of("0.0.0.0", ["gpu.example"], SECRET)
    assert access.knows("192.168.0.7:8080")
    assert access.knows("[fe80::1]:8080")
    assert access.knows("GPU.example:8080")
    assert not access.knows("other.example")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "gpu.example"])
def test_what_others_reach_needs_a_token(host):
    with pytest.raises(UsageError, match="SWEEPER_TOKEN"):
        Access.of(host, token="")
    assert Access.of(host, token=SECRET).token == SECRET


@pytest.mark.parametrize(
    "token", ["short", "fifteen letters", "sixteen letters é", "a" * 16 + "\n"]
)
def test_a_weak_token_is_refused(token):
    with pytest.raises(UsageError, match="at least 16 printable"):
        Access.of("127.0.0.1", token=token)


def test_a_session_proves_the_token_without_telling_it():
    one, other = SECRET + "a", SECRET + "b"
    access = Access.of("127.0.0.1", token=one)
    assert access.admits(one)
    assert not access.admits(other)
    assert not access.admits("")
    assert access.token_of(access.session(one)) == one
    assert access.token_of(access.session(other)) is None
    assert SECRET not in access.session(one)


def test_without_a_token_nothing_is_one():
    access = Access.of("127.0.0.1")
    assert not access.admits("")
    assert access.token_of(access.session("")) is None


def test_who_may_write():
    own, reading = SECRET + "a", SECRET + "b"
    assert Access.of("127.0.0.1").may_write(None)
    assert not Access.of("127.0.0.1", read_only=True).may_write(None)
    access = Access.of("127.0.0.1", token=own, reading_token=reading)
    assert access.admits(reading)
    assert access.token_of(access.session(reading)) == reading
    assert [access.may_write(each) for each in (own, reading, None)] == [True, False, False]
    assert not Access.of("127.0.0.1", token=own, read_only=True).may_write(own)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"reading_token": SECRET}, "SWEEPER_TOKEN, which is not set"),
        ({"token": SECRET, "reading_token": SECRET}, "are the same"),
        ({"token": SECRET, "reading_token": "short"}, "SWEEPER_READ_TOKEN must be at least 16"),
        ({"read_only": True, "dashboard_writes": True}, "exclude each other"),
    ],
)
def test_what_makes_no_sense_together_is_refused(asked, says):
    with pytest.raises(UsageError, match=says):
        Access.of("127.0.0.1", **asked)


def test_loopback():
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "127.8.8.8")] == [
        True
    ] * 4
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("gpu.example")
