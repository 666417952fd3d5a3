"""The server behind ``sweeper serve``."""

import errno
import logging
import socket
import sys
from contextlib import suppress
from ipaddress import ip_address

import optuna
import uvicorn

from sweeper.errors import SweeperError, UsageError
from sweeper.serve.app import make_app
from sweeper.store import open_database


def serve(url: str, host: str, port: int) -> None:
    """Serve the studies of a database until Ctrl-C; print the URL on standard error.

    Args:
        url: URL of the storage.
        host: name or address to listen on.
        port: port to listen on; 0 takes any free port.

    Raises:
        UsageError: the storage URL or the port is invalid.
        SweeperError: the database does not exist, or the address is in use or not on this machine.
    """
    logging.basicConfig(format="sweeper serve: %(message)s", level=logging.WARNING)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with open_database(url) as database, _listen(host, port) as listening:
        if not _is_local(host):
            print(
                f"sweeper serve: {host} is reachable from other machines and there is no login: "
                "anyone who reaches it can change and delete studies",
                file=sys.stderr,
            )
        config = uvicorn.Config(
            make_app(database), log_level="warning", timeout_graceful_shutdown=3
        )
        with suppress(KeyboardInterrupt):  # uvicorn raises it after Ctrl-C
            _Server(config, host).run([listening])


class _Server(uvicorn.Server):
    """A server that prints its URL once it accepts connections."""

    def __init__(self, config: uvicorn.Config, host: str) -> None:
        super().__init__(config)
        self._host = f"[{host}]" if ":" in host else host

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            port = sockets[0].getsockname()[1]
            print(f"http://{self._host}:{port}/dashboard", file=sys.stderr, flush=True)


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise UsageError(f"{port} is not a valid port; --port takes 1 to 65535")
    try:
        (family, *_, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return socket.create_server(address[:2], family=family)
    except socket.gaierror:
        raise SweeperError(f"unknown host {host!r}; choose another with --host") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SweeperError(
                f"port {port} of {host} is in use; choose another with --port"
            ) from None
        raise SweeperError(
            f"cannot listen on {host}, port {port}: {error.strerror}; choose others with --host "
            "and --port"
        ) from None


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
