"""Looking whether further trials of a search would gain anything."""

import time
from functools import cached_property

import optuna

from sweeper.store import Outlook, find_outlook, load_summary, record_outlook
from sweeper.study.open_study import OpenStudy
from sweeper.study.samplers.proposing import Proposing
from sweeper.study.samplers.transfer import TransferSampler
from sweeper.study.study_file import StudySpec

#: Seconds of work before the first glance: the first one takes a few.
_PATIENCE = 120.0

#: Pause after a glance, as a multiple of the time it took.
_REST = 50


class Settling:
    """Keeps what further trials of a search would probably gain up to date in its database.

    Attributes:
        outlook: the last one, None as long as there is none.
    """

    def __init__(self, opened: OpenStudy) -> None:
        self._opened = opened
        self._sampler = TransferSampler(Proposing(opened.spec, opened.spec.seed, opened.predictor))
        self._ended = 0
        self._began = time.monotonic()
        self._next = self._began + _PATIENCE
        self.outlook: Outlook | None = None

    @cached_property
    def _study(self) -> optuna.Study:
        return self._opened.optuna_study()

    def look(self) -> Outlook | None:
        """Look again if further trials have ended, and store what is seen.

        Raises:
            SweeperError: a repository cannot be read, or the database is away.
        """
        database, stored = self._opened.database, self._opened.stored
        ended = load_summary(database, stored.id).counted
        if ended > self._ended:
            self._ended = ended
            self.outlook = self._sampler.outlook(self._study)
            if self.outlook is not None:
                record_outlook(database, stored, self.outlook)
        return self.outlook

    def glance(self, last: bool = False) -> None:
        """Look again if that takes but a small part of the time, and nobody else has.

        Args:
            last: nothing is trained after it, so it is worth its time unless hardly anything was.

        Raises:
            SweeperError: see `look`.
        """
        began = time.monotonic()
        if began < (self._began + _PATIENCE if last else self._next):
            return
        database, stored = self._opened.database, self._opened.stored
        known = find_outlook(database, stored)
        if known is None or known.trials < load_summary(database, stored.id).counted:
            self.look()
        self._next = time.monotonic() + _REST * (time.monotonic() - began)

    def is_settled(self) -> bool:
        """Look again, and return whether a confirmation could hardly tell what more would gain."""
        outlook = self.look()
        return outlook is not None and outlook.settled


def has_outlook(spec: StudySpec) -> bool:
    """Return whether one can say what further trials would gain: of a search by one objective."""
    return spec.kind == "search" and len(spec.objectives) == 1
