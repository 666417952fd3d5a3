"""The server behind ``sweeper serve``."""

import errno
import logging
import socket
import sys
from contextlib import suppress

import optuna
import uvicorn

from sweeper.errors import SweeperError, UsageError
from sweeper.logs import Logs
from sweeper.serve.app import make_app
from sweeper.serve.guard.access import Access
from sweeper.serve.guard.connections import TimedConnection
from sweeper.store import open_database

#: Most connections at once; one more is told that the server is busy.
MOST_CONNECTIONS = 500

#: Unless others are asked for.
LOGS = Logs()

_log = logging.getLogger(__name__)


def serve(url: str, host: str, port: int, access: Access, logs: Logs = LOGS) -> None:
    """Serve the studies of a database until Ctrl-C; say the URL on standard error.

    Args:
        url: URL of the storage.
        host: name or address to listen on.
        port: port to listen on; 0 takes any free port.
        access: whom it answers.
        logs: how its events are logged.

    Raises:
        UsageError: the storage URL or the port is invalid.
        SweeperError: the database does not exist, or the address is in use or not on this machine.
    """
    logs.begin()
    # Who sends a broken form is told, and nobody else: there may be thousands.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    optuna.logging.disable_default_handler()
    optuna.logging.enable_propagation()
    with open_database(url) as database, _listen(host, port) as listening:
        config = uvicorn.Config(
            make_app(database, access),
            http=TimedConnection,
            log_config=None,  # its lines are among ours
            log_level="info" if logs.level == "debug" else "warning",
            limit_concurrency=MOST_CONNECTIONS,
            proxy_headers=False,  # whom to believe is decided by the token
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        with suppress(KeyboardInterrupt):  # uvicorn raises it after Ctrl-C
            _Server(config, host, logs).run([listening])


class _Server(uvicorn.Server):
    """A server that says its URL once it accepts connections: as a line of its own, or logged."""

    def __init__(self, config: uvicorn.Config, host: str, logs: Logs) -> None:
        super().__init__(config)
        self._logs = logs
        self._host = f"[{host}]" if ":" in host else host

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            port = sockets[0].getsockname()[1]
            url = f"http://{self._host}:{port}/sweep"
            if self._logs.format == "json":
                _log.info("serving on %s", url)
            else:
                print(url, file=sys.stderr, flush=True)


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
