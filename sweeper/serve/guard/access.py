"""Whom a server answers: the names it goes by, the token it asks for, what may be written."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from sweeper.errors import UsageError

#: The environment variable with the token.
VARIABLE = "SWEEPER_TOKEN"

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
        dashboard_writes: whether optuna-dashboard may change and delete studies.
    """

    names: frozenset[str] = frozenset(LOOPBACK)
    any_address: bool = False
    token: str | None = None
    dashboard_writes: bool = False

    @classmethod
    def of(
        cls, host: str, allowed: Iterable[str], token: str | None, dashboard_writes: bool
    ) -> "Access":
        """Return the access to a server on an address.

        Args:
            host: name or address that it listens on.
            allowed: further names that it is reached by.
            token: None or empty if there is none.
            dashboard_writes: see above.

        Raises:
            UsageError: others can reach the address and there is no token, or it is too short.
        """
        if token and (len(token) < SHORTEST or not token.isascii() or not token.isprintable()):
            raise UsageError(
                f"{VARIABLE} must be at least {SHORTEST} printable ASCII characters, as from "
                "`openssl rand -hex 24`"
            )
        if not token and not is_loopback(host):
            raise UsageError(
                f"{host} is reachable from other machines: set {VARIABLE} to a secret that "
                "visitors have to bring, as from `openssl rand -hex 24`, or serve on 127.0.0.1"
            )
        own = {host, *allowed, *LOOPBACK}
        names = frozenset(name.lower().strip("[]") for name in own)
        return cls(names, _is_every_address(host), token or None, dashboard_writes)

    def knows(self, host: str) -> bool:
        """Return whether a Host header, with or without a port, names this server."""
        name = host.lower()
        if name.startswith("["):
            name = name.partition("]")[0].removeprefix("[")
        else:
            name = name.partition(":")[0]
        return name in self.names or (self.any_address and _is_address(name))

    def admits(self, token: str) -> bool:
        """Return whether this is the token, in a time that does not tell how much of it is."""
        expected = (self.token or "").encode()
        return self.token is not None and hmac.compare_digest(token.encode(), expected)

    @property
    def session(self) -> str:
        """What the cookie of somebody who logged in has: it proves the token without telling it."""
        key = (self.token or "").encode()
        return hmac.new(key, b"sweeper session", hashlib.sha256).hexdigest()

    def admits_session(self, cookie: str) -> bool:
        """Return whether this is the cookie of somebody who logged in."""
        expected = self.session.encode()
        return self.token is not None and hmac.compare_digest(cookie.encode(), expected)


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
