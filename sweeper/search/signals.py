"""Being asked to stop: Ctrl-C and SIGTERM."""

import signal
from types import FrameType, TracebackType
from typing import Any, Self


class StopSignals:
    """Notes Ctrl-C and SIGTERM while it is entered, so that work can end where nothing is torn."""

    def __init__(self) -> None:
        self._received: list[int] = []
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def asked(self) -> bool:
        """Return whether this process was asked to stop."""
        return bool(self._received)

    def pressed(self) -> bool:
        """Return whether it was asked more than once: whoever asks does not want to wait."""
        return len(self._received) > 1

    @property
    def status(self) -> int:
        """The exit status, as shells have it: 128 and the first signal's number, 0 without one."""
        return 128 + self._received[0] if self._received else 0

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._received.append(number)
