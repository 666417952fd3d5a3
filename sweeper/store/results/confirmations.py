"""Confirmations: the best trials of a study with further seeds, and what the test split said."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from sweeper.store.database.column_types import SplitName
from sweeper.store.database.database import Database
from sweeper.store.database.tables import ConfirmationRow, ConfirmedRow, TrialRow
from sweeper.store.queue.counting import lock_study
from sweeper.store.queue.leases import clock
from sweeper.store.queue.worker_identity import WorkerIdentity
from sweeper.store.results.confirmation_claims import EarlierRead

#: A trial's number, or a control's name.
Label = int | str

#: The values of one trial or control: by split, then by measure, then by seed.
Values = Mapping[SplitName, Mapping[str, Mapping[int, float]]]


@dataclass(frozen=True)
class Confirmation:
    """What came out of a confirmation.

    Attributes:
        winner: number of the trial that was best on validation data.
        seeds: how many further seeds each was trained with.
        values: of each trial and control that was trained again.
        earlier: when the test data, or a part of them, were read before.
        finished: when it was stored, in UTC; None before.
    """

    winner: int
    seeds: int
    values: Mapping[Label, Values]
    earlier: tuple[EarlierRead, ...] = ()
    finished: datetime | None = field(default=None, compare=False)


def record_confirmation(
    database: Database, study_id: int, confirmation: Confirmation, worker: WorkerIdentity
) -> bool:
    """Store what came out of a confirmation that was claimed; `store_export` stores its files.

    Args:
        database: the database.
        study_id: the study.
        confirmation: all but `earlier`, which `note_test_read` has stored.
        worker: who has claimed it.

    Returns:
        False, with nothing stored, where it is claimed by somebody else or finished by now.

    Raises:
        KeyError: a trial or a control is not stored for this study.
    """

    def action(session: Session) -> bool:
        lock_study(session, study_id)
        row = session.get(ConfirmationRow, study_id)
        if row is None or row.worker != worker.name:
            return False
        if row.finished is not None:
            return True  # committed by an earlier attempt whose answer was lost
        ids = {label: trial for trial, label in _labels(session, study_id).items()}
        row.winner, row.finished = ids[confirmation.winner], clock(session)
        rows = [
            {
                "trial_id": ids[label],
                "seed": seed,
                "measure": measure,
                "split": split,
                "value": value,
            }
            for label, splits in confirmation.values.items()
            for split, measures in splits.items()
            for measure, seeds in measures.items()
            for seed, value in seeds.items()
        ]
        session.execute(insert(ConfirmedRow), rows)
        return True

    return database.transact(action)


def find_confirmation(database: Database, study_id: int) -> Confirmation | None:
    """Return the finished confirmation of a study, None where there is none."""

    def action(session: Session) -> Confirmation | None:
        found = session.get(ConfirmationRow, study_id)
        if found is None or found.winner is None:
            return None
        labels = _labels(session, study_id)
        values: dict[Label, dict[SplitName, dict[str, dict[int, float]]]] = defaultdict(dict)
        query = (
            select(ConfirmedRow)
            .join(TrialRow, TrialRow.id == ConfirmedRow.trial_id)
            .where(TrialRow.study_id == study_id)
            .order_by(ConfirmedRow.trial_id, ConfirmedRow.seed)
        )
        for row in session.scalars(query):
            of_split = values[labels[row.trial_id]].setdefault(row.split, {})
            of_split.setdefault(row.measure, {})[row.seed] = row.value
        winner = labels[found.winner]
        assert isinstance(winner, int)
        earlier = tuple(map(EarlierRead.from_dict, found.earlier_reads))
        return Confirmation(winner, found.seeds, dict(values), earlier, found.finished)

    return database.read(action)


def _labels(session: Session, study_id: int) -> dict[int, Label]:
    query = select(TrialRow.id, TrialRow.number, TrialRow.control).filter_by(study_id=study_id)
    found: dict[int, Label] = {}
    for row, number, control in session.execute(query):
        found[row] = str(control) if number is None else number
    return found
