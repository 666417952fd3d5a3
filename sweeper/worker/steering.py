"""Looking whether somebody paused or stopped the studies that a worker trains for."""

import time
from collections.abc import Callable, Sequence

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.registry.study_state import StudyState
from sweeper.study.open_study import OpenStudy


class Steering:
    """The states of a worker's studies, read again every few seconds at most.

    Args:
        studies: that it works on; all in one database.
    """

    def __init__(self, studies: Sequence[OpenStudy]) -> None:
        self._database = studies[0].database
        self._names = {study.stored.id: study.stored.name for study in studies}
        self._states: dict[int, StudyState] = {}
        self._next = 0.0

    @property
    def states(self) -> dict[int, StudyState]:
        """The state of each study by its id.

        Raises:
            SweeperError: a study was deleted.
        """
        if time.monotonic() >= self._next:
            timing = self._database.timing
            pause = timing.steering if self._read() else timing.progress_pause
            self._next = time.monotonic() + pause
        if gone := [name for study, name in self._names.items() if study not in self._states]:
            raise SweeperError(f"study {gone[0]!r} was deleted; nothing is left to do for it")
        return self._states

    def are_active(self, *studies: OpenStudy) -> bool:
        """Return whether trials of all these studies may be trained."""
        states = self.states
        return all(states[study.stored.id] == "active" for study in studies)

    @property
    def is_paused(self) -> bool:
        """Whether there is nothing to train now, and may be later."""
        states = set(self.states.values())
        return "active" not in states and "paused" in states

    @property
    def is_stopped(self) -> bool:
        """Whether all studies were stopped."""
        return set(self.states.values()) == {"stopped"}

    def _read(self) -> bool:
        """Read the states, and return whether that worked: training goes on in any case."""
        try:
            with self._database.timeout(0):
                self._states = store.study_states(self._database, self._names)
        except Exception as error:
            if not (self._states and store.is_transient(error)):
                raise
            return False
        return True

    def wait(self, ends: Callable[[], bool]) -> None:
        """Wait until a study is active again, all are stopped, or the worker is to end."""
        while self.is_paused and not ends():
            time.sleep(min(1.0, self._database.timing.steering))
