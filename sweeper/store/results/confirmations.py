"""Confirmations: the best trials of a study with further seeds, and what the test split said."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from sweeper.store.database.column_types import SplitName
from sweeper.store.database.database import Database
from sweeper.store.database.tables import ConfirmationRow, ConfirmedRow, TrialRow
from sweeper.store.queue.counting import lock_study

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
    """

    winner: int
    seeds: int
    values: Mapping[Label, Values]


def record_confirmation(database: Database, study_id: int, confirmation: Confirmation) -> bool:
    """Store a confirmation whole; return False, with nothing stored, where there is one already.

    Raises:
        KeyError: a trial or a control is not stored for this study.
    """

    def action(session: Session) -> bool:
        lock_study(session, study_id)
        if session.get(ConfirmationRow, study_id) is not None:
            return False
        ids = {label: row for row, label in _labels(session, study_id).items()}
        session.add(
            ConfirmationRow(
                study_id=study_id, winner=ids[confirmation.winner], seeds=confirmation.seeds
            )
        )
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
    """Return the confirmation of a study, None where there was none."""

    def action(session: Session) -> Confirmation | None:
        found = session.get(ConfirmationRow, study_id)
        if found is None:
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
        return Confirmation(winner, found.seeds, dict(values))

    return database.read(action)


def _labels(session: Session, study_id: int) -> dict[int, Label]:
    query = select(TrialRow.id, TrialRow.number, TrialRow.control).filter_by(study_id=study_id)
    found: dict[int, Label] = {}
    for row, number, control in session.execute(query):
        found[row] = str(control) if number is None else number
    return found
