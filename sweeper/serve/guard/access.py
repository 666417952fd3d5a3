"""Whom a server answers: the names it goes by, the token it asks for, what may be written."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from sweeper.errors import UsageError

#: The environment variables with the token, and with one that reads and asks alone.
VARIABLE, READING_VARIABLE = "SWEEPER_TOKEN", "SWEEPER_READ_TOKEN"

#: Fewest characters of a token: nobody tries 10^28 of them.
SHORTEST = 16

#: What the loopback interface is called in URLs.
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Access:
    """Whom a server answers.

    Attributes:
        names: host names and addresses that the Host header may have, in lower case.
        any_address: whether it may be any IP address: a browser that was sent to an address by a
            foreign name still sends that name.
        token: what everybody has to bring; None if nobody has to.
        reading_token: what those may bring in its place who read and ask, and change nothing.
        read_only: whether nobody changes anything.
        dashboard_writes: whether optuna-dashboard may change and delete studies.
    """

    names: frozenset[str] = frozenset(LOOPBACK)
    any_address: bool = False
    token: str | None = None
    reading_token: str | None = None
    read_only: bool = False
    dashboard_writes: bool = False

    @classmethod
    def of(
        cls,
        host: str,
        allowed: Iterable[str] = (),
        token: str | None = None,
        reading_token: str | None = None,
        read_only: bool = False,
        dashboard_writes: bool = False,
    ) -> "Access":
        """Return the access to a server on an address.

        Args:
            host: name or address that it listens on.
            allowed: further names that it is reached by.
            token: None or empty if there is none.
            reading_token: likewise.
            read_only: see above.
            dashboard_writes: see above.

        Raises:
            UsageError: others can reach the address and there is no token; one is too short; the
                reading one is the only one, or the same; or the dashboard is to write read-only.
        """
        for variable, given in ((VARIABLE, token), (READING_VARIABLE, reading_token)):
            _require_strong(variable, given)
        if reading_token and not token:
            raise UsageError(
                f"{READING_VARIABLE} is beside {VARIABLE}, which is not set: without it everybody "
                "may do everything; set both"
            )
        if reading_token and reading_token == token:
            raise UsageError(f"{READING_VARIABLE} and {VARIABLE} are the same; choose another")
        if read_only and dashboard_writes:
            raise UsageError("--read-only and --dashboard-writes exclude each other; choose one")
        if not token and not is_loopback(host):
            raise UsageError(
                f"{host} is reachable from other machines: set {VARIABLE} to a secret that "
                "visitors have to bring, as from `openssl rand -hex 24`, or serve on 127.0.0.1"
            )
        own = {host, *allowed, *LOOPBACK}
        names = frozenset(name.lower().strip("[]") for name in own)
        return cls(
            names,
            _is_every_address(host),
            token or None,
            reading_token or None,
            read_only,
            dashboard_writes,
        )

    def knows(self, host: str) -> bool:
        """Return whether a Host header, with or without a port, names this server."""
        name = host.lower()
        if name.startswith("["):
            name = name.partition("]")[0].removeprefix("[")
        else:
            name = name.partition(":")[0]
        return name in self.names or (self.any_address and _is_address(name))

    def admits(self, token: str) -> bool:
        """Return whether this is one of the tokens, in a time that does not tell how much of it."""
        # Each is compared, so that the time does not tell which.
        return sum(_is_same(token, each) for each in self._tokens) > 0

    def session(self, token: str) -> str:
        """Return the cookie of somebody who logged in: it proves the token without telling it."""
        return hmac.new(token.encode(), b"sweeper session", hashlib.sha256).hexdigest()

    def token_of(self, cookie: str) -> str | None:
        """Return the token that somebody logged in with, None if this is no such cookie."""
        found = [each for each in self._tokens if _is_same(cookie, self.session(each))]
        return found[0] if found else None

    def may_write(self, token: str | None) -> bool:
        """Return whether who brought this token, or none, may change anything."""
        if self.read_only or self.token is None:
            return not self.read_only
        return token is not None and _is_same(token, self.token)

    def right(self, token: str | None) -> str:
        """Return by what right somebody changes anything who brought this token, or none."""
        return "anybody on this machine" if token is None else "the holder of the token"

    @property
    def _tokens(self) -> list[str]:
        return [each for each in (self.token, self.reading_token) if each is not None]


def _is_same(brought: str, expected: str) -> bool:
    return hmac.compare_digest(brought.encode(), expected.encode())


def _require_strong(variable: str, token: str | None) -> None:
    if token and (len(token) < SHORTEST or not token.isascii() or not token.isprintable()):
        raise UsageError(
            f"{variable} must be at least {SHORTEST} printable ASCII characters, as from "
            "`openssl rand -hex 24`"
        )


def is_loopback(host: str) -> bool:
    """Return whether nobody but this machine reaches a name or address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_every_address(host: str) -> bool:
    return _is_address(host) and ip_address(host).is_unspecified
