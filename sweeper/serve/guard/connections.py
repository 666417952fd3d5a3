"""A connection that does not say what it wants is closed."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds for the first line and the headers of a request.
SECONDS = 10.0


class TimedConnection(H11Protocol):
    """Uvicorn's connection, closed if a request's headers take longer than `SECONDS`.

    Uvicorn itself limits only how long nothing comes between two requests.
    """

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take bytes: of a request's headers, or of what follows them."""
        if not self._is_busy():
            self._wait()
        super().data_received(data)
        if self._is_busy():
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(SECONDS, self._late)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if not self._is_busy():
            self.transport.close()
