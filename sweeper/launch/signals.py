"""Being asked to stop: Ctrl-C and SIGTERM."""

import signal
import sys
from types import FrameType, TracebackType
from typing import Any, Self


class StopSignals:
    """Takes Ctrl-C and SIGTERM while it is entered, so that work can end where nothing is torn.

    Until `hold` is called they end what goes on at once, as KeyboardInterrupt; from then on they
    are only noted.
    """

    def __init__(self) -> None:
        self._received: list[int] = []
        self._before: dict[int, Any] = {}
        self._holding = False
        self._shown = sys.unraisablehook

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._take)
        self._shown, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.unraisablehook = self._shown
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def hold(self) -> None:
        """Only note signals from now on.

        Raises:
            KeyboardInterrupt: one came before, and was lost.
        """
        self._holding = True
        if self._received:
            raise KeyboardInterrupt

    def asked(self) -> bool:
        """Return whether this process was asked to stop."""
        return bool(self._received)

    def is_preempted(self) -> bool:
        """Return whether SIGTERM came, once: work is to end where it can be gone on with."""
        return self._received == [signal.SIGTERM]

    def is_interrupted(self) -> bool:
        """Return whether work is to end at once: by Ctrl-C, or a second signal of either kind."""
        return self.asked() and not self.is_preempted()

    def pressed(self) -> bool:
        """Return whether it was asked more than once: whoever asks does not want to wait."""
        return len(self._received) > 1

    def farewell(self) -> str:
        """Return what is said once work was asked to end."""
        if self.is_preempted():
            return "leaving: the epoch is finished, saved and handed back; Ctrl-C does not wait"
        return "stopping: what is unfinished is handed back; Ctrl-C again does not wait"

    @property
    def status(self) -> int:
        """The exit status, as shells have it: 128 and the first signal's number, 0 without one."""
        return 128 + self._received[0] if self._received else 0

    @property
    def worker_status(self) -> int:
        """The exit status of a worker, which leaves in order where it was told to by SIGTERM: 0."""
        return 0 if self.is_preempted() else self.status

    def _take(self, number: int, frame: FrameType | None) -> None:
        self._received.append(number)
        if not self._holding:
            raise KeyboardInterrupt

    def _unraisable(self, lost: "sys.UnraisableHookArgs") -> None:
        # Python drops an exception that comes in a callback, as imports have many; `hold` knows.
        if lost.exc_type is not KeyboardInterrupt:
            self._shown(lost)
