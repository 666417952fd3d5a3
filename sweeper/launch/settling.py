"""Looking whether further trials of a search would gain anything."""

from sweeper.store import Outlook, record_outlook, summarize
from sweeper.study.open_study import OpenStudy
from sweeper.study.samplers.proposing import Proposing
from sweeper.study.samplers.transfer import TransferSampler
from sweeper.study.study_file import StudySpec


class Settling:
    """Keeps what further trials of a search would probably gain up to date in its database.

    Attributes:
        outlook: the last one, None as long as there is none.
    """

    def __init__(self, opened: OpenStudy) -> None:
        self._opened = opened
        self._sampler = TransferSampler(Proposing(opened.spec, opened.spec.seed, opened.predictor))
        self._study = opened.optuna_study()
        self._ended = 0
        self.outlook: Outlook | None = None

    def look(self) -> Outlook | None:
        """Look again if further trials have ended, and store what is seen.

        Raises:
            SweeperError: a repository cannot be read, or the database is away.
        """
        database, stored = self._opened.database, self._opened.stored
        ended = summarize(database, stored.name).counted
        if ended > self._ended:
            self._ended = ended
            self.outlook = self._sampler.outlook(self._study)
            if self.outlook is not None:
                record_outlook(database, stored, self.outlook)
        return self.outlook

    def is_settled(self) -> bool:
        """Look again, and return whether a confirmation could hardly tell what more would gain."""
        outlook = self.look()
        return outlook is not None and outlook.settled


def has_outlook(spec: StudySpec) -> bool:
    """Return whether one can say what further trials would gain: of a search by one objective."""
    return spec.kind == "search" and len(spec.objectives) == 1
