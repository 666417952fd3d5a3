"""What a search expected of further trials when it was last looked at."""

from dataclasses import asdict, dataclass

from sqlalchemy import select

from sweeper.store.database.database import Database
from sweeper.store.optuna_storage.private_names import models
from sweeper.store.results.records import StoredStudy

#: The attribute of Optuna's study, which the dashboard shows.
_NAME = "outlook"

#: Fewest trials of a settled search: from fewer it is too sure of itself, see
#: `docs/results/search.md`.
LEAST = 10

#: A gain that nobody cares for, where there is no noise: a tenth of a point, or of a percent.
NOTHING = 0.001


@dataclass(frozen=True)
class Outlook:
    """What further trials of a search would probably gain.

    Attributes:
        trials: that had ended.
        gain: by how much the best setting that was not tried is expected to be better than the best
            one that was; in points as a share, of a ratio as the difference of logarithms.
        noise: the standard error of the difference of two settings in a confirmation, likewise.
    """

    trials: int
    gain: float
    noise: float

    @property
    def settled(self) -> bool:
        """Whether a confirmation could hardly tell what further trials would gain."""
        return self.trials >= LEAST and self.gain <= max(self.noise, NOTHING)


def record_outlook(database: Database, study: StoredStudy, outlook: Outlook) -> None:
    """Store an outlook in place of an earlier one."""
    storage = database.optuna_storage
    database.retry(
        lambda: storage.set_study_user_attr(study.optuna_study_id, _NAME, asdict(outlook))
    )


def find_outlook(database: Database, study: StoredStudy) -> Outlook | None:
    """Return the last outlook of a study, or None if there is none, or its Optuna study is gone."""
    try:
        stored = database.optuna_storage.get_study_user_attrs(study.optuna_study_id).get(_NAME)
    except KeyError:
        return None
    return None if stored is None else Outlook(**stored)


def stored_outlooks(database: Database) -> dict[int, str]:
    """Return the last outlook of each study that has one, as JSON text, by Optuna's ids."""
    row = models.StudyUserAttributeModel
    query = select(row.study_id, row.value_json).where(row.key == _NAME)
    rows = database.read(lambda session: session.execute(query).all())
    return {study: text for study, text in rows}  # noqa: C416 - rows are no pairs to mypy
