"""Looking whether somebody paused or stopped the studies that a worker trains for."""

import time
from collections.abc import Callable, Sequence

from sweeper import store
from sweeper.registry.study_state import StudyState
from sweeper.store import StoredStudy
from sweeper.study.open_study import OpenStudy, study_gone


class Steering:
    """The states of a worker's studies, read again every few seconds at most.

    Args:
        studies: that it works on; all in one database.
    """

    def __init__(self, studies: Sequence[OpenStudy]) -> None:
        self._database = studies[0].database
        self._studies = [study.stored for study in studies]
        self._states: dict[int, StudyState] = {}
        self._gone: list[StoredStudy] = []
        self._next = 0.0

    def are_active(self, *studies: OpenStudy) -> bool:
        """Return whether trials of all these studies may be trained: not once one was deleted."""
        self._look()
        return self.were_active(*studies)

    def were_active(self, *studies: OpenStudy) -> bool:
        """Return what `are_active` would have said at the last look."""
        active = all(self._states.get(study.stored.id) == "active" for study in studies)
        return active and not self._gone

    def was_paused(self, study: OpenStudy) -> bool:
        """Return whether a study was paused at the last look."""
        return self._states.get(study.stored.id) == "paused"

    @property
    def is_paused(self) -> bool:
        """Whether there is nothing to train now, and may be later."""
        states = set(self._look().values())
        return "active" not in states and "paused" in states

    @property
    def is_over(self) -> bool:
        """Whether all studies were stopped, or one was deleted."""
        return set(self._look().values()) == {"stopped"} or bool(self._gone)

    def require_all(self) -> None:
        """See to it that no study was missing at the last look.

        Raises:
            StudyGoneError: one was deleted.
        """
        if self._gone:
            raise study_gone(self._gone[0])

    def _look(self) -> dict[int, StudyState]:
        """Return the state of each study by its id, read again where it is time."""
        if time.monotonic() >= self._next:
            timing = self._database.timing
            pause = timing.steering if self._read() else timing.progress_pause
            self._next = time.monotonic() + pause
        return self._states

    def _read(self) -> bool:
        """Read the states, and return whether that worked: training goes on in any case."""
        try:
            with self._database.timeout(0):
                self._states = store.study_states(self._database, self._studies)
        except Exception as error:
            if not (self._states and store.is_transient(error)):
                raise
            return False
        self._gone = [study for study in self._studies if study.id not in self._states]
        return True

    def wait(self, ends: Callable[[], bool]) -> None:
        """Wait while a study is paused, until a state changes or the worker is to end.

        No longer than it takes until others may have left trials of the studies that are active.
        """
        timing, before = self._database.timing, self._look()
        last = time.monotonic() + timing.termination_poll
        while "paused" in before.values() and self._look() == before and not ends():
            if time.monotonic() >= last:
                break
            time.sleep(min(1.0, timing.steering))
