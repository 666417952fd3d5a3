"""Start times of one worker's trials, with the sleep and the round trips up to each."""

import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine, event


@dataclass
class Laps:
    """When a worker began to look for each trial, and how long it had slept by then.

    A lap begins when a worker checks for the first time since its last array whether to stop, which
    it does before it looks for a trial. The last lap finds no trial.

    Attributes:
        began: start times, from `time.perf_counter`.
        slept_by: seconds slept before each.
        slept: seconds slept so far.
        asked_by: round trips to the server before each.
        asked: round trips so far.
        trains: whether there was an array since the last lap began.
    """

    began: list[float] = field(default_factory=list)
    slept_by: list[float] = field(default_factory=list)
    slept: float = 0.0
    asked_by: list[int] = field(default_factory=list)
    asked: int = 0
    trains: bool = True

    def look(self) -> bool:
        """Start a lap if the worker is about to look for a trial; return whether it is."""
        if not self.trains:
            return False
        self.began.append(time.perf_counter())
        self.slept_by.append(self.slept)
        self.asked_by.append(self.asked)
        self.trains = False
        return True

    def sleep(self, seconds: float) -> None:
        """Sleep, and add the actual time."""
        began = time.perf_counter()
        time.sleep(seconds)
        self.slept += time.perf_counter() - began

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Count round trips: one per statement, three per transaction (begin, end and a ping)."""

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
        """Return the seconds of each trial that were not sleep."""
        slept = _steps(self.slept_by)
        return [wall - part for wall, part in zip(self.walls(), slept, strict=True)]

    def exchanges(self) -> list[float]:
        """Return the round trips of each trial."""
        return _steps(self.asked_by)


def _steps(numbers: Sequence[float]) -> list[float]:
    return [after - before for before, after in itertools.pairwise(numbers)]
