"""When one worker began with each of its trials, and what it had slept and asked by then."""

import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine, event


@dataclass
class Laps:
    """When a worker began to look for each trial, and what it had slept by then.

    A lap begins where a worker asks whether to stop for the first time since it had an array: it
    does so before it looks for a trial. The last lap finds nothing.

    Attributes:
        began: the beginnings, by `time.perf_counter`.
        slept_by: the seconds slept before each.
        slept: the seconds slept so far.
        asked_by: the exchanges with the server before each.
        asked: the exchanges so far.
        trains: whether there was an array since the last lap began.
    """

    began: list[float] = field(default_factory=list)
    slept_by: list[float] = field(default_factory=list)
    slept: float = 0.0
    asked_by: list[int] = field(default_factory=list)
    asked: int = 0
    trains: bool = True

    def look(self) -> bool:
        """Note that the worker may be about to look for a trial; return whether it is."""
        if not self.trains:
            return False
        self.began.append(time.perf_counter())
        self.slept_by.append(self.slept)
        self.asked_by.append(self.asked)
        self.trains = False
        return True

    def sleep(self, seconds: float) -> None:
        """Sleep, and count it as it was."""
        began = time.perf_counter()
        time.sleep(seconds)
        self.slept += time.perf_counter() - began

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Count exchanges: one a statement, and three a transaction for its two ends and a ping."""

        def statement(*_: object) -> None:
            self.asked += 1

        def transaction(*_: object) -> None:
            self.asked += 3

        listened = (("before_cursor_execute", statement), ("begin", transaction))
        for name, listener in listened:
            event.listen(Engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listened:
                event.remove(Engine, name, listener)

    def walls(self) -> list[float]:
        """Return the seconds of each trial."""
        return _steps(self.began)

    def storage(self) -> list[float]:
        """Return of each trial the seconds that were not slept."""
        slept = _steps(self.slept_by)
        return [wall - part for wall, part in zip(self.walls(), slept, strict=True)]

    def exchanges(self) -> list[float]:
        """Return the exchanges of each trial."""
        return _steps(self.asked_by)


def _steps(numbers: Sequence[float]) -> list[float]:
    return [after - before for before, after in itertools.pairwise(numbers)]
