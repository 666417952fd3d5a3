"""What would be lost with a study, for who is about to delete it."""

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from sweeper.console import count
from sweeper.store.database.database import Database
from sweeper.store.database.tables import CheckpointedRow, ExportRow
from sweeper.store.results.confirmations import find_confirmation
from sweeper.store.results.records import StudySummary


@dataclass(frozen=True)
class Deletion:
    """What is deleted with a study.

    Attributes:
        trials: those that are over.
        controls: likewise.
        running: trials and controls that workers hold; while there are any, nothing is deleted.
        checkpoints: trials and controls that others would go on with where they were left.
        confirmed: whether its confirmation is there.
        exported: whether weights of its winner are.
    """

    trials: int
    controls: int
    running: int
    checkpoints: int
    confirmed: bool
    exported: bool

    def __str__(self) -> str:
        parts = [count(self.trials, "trial")]
        if self.controls:
            parts.append(count(self.controls, "control"))
        if self.checkpoints:
            parts.append(count(self.checkpoints, "checkpoint"))
        if self.confirmed:
            parts.append("its confirmation")
        if self.exported:
            parts.append("its exported weights")
        *most, last = parts
        return f"{', '.join(most)} and {last}" if most else last


def find_deletion(database: Database, summary: StudySummary) -> Deletion:
    """Return what would be lost with a study."""
    study = summary.study.id

    def checkpoints(session: Session) -> int:
        of_study = CheckpointedRow.label.startswith(f"{study}/", autoescape=True)
        query = select(func.count()).select_from(CheckpointedRow).where(of_study)
        return session.scalars(query).one()

    def exported(session: Session) -> bool:
        return session.scalars(select(exists().where(ExportRow.study_id == study))).one()

    return Deletion(
        trials=sum(summary.states.values()),
        controls=summary.controls,
        running=summary.live,
        checkpoints=database.read(checkpoints),
        confirmed=find_confirmation(database, study) is not None,
        exported=database.read(exported),
    )
