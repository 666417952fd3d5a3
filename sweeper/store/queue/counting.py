"""How much of a study's budget is used: its trials, controls and leases counted, under a lock."""

from collections import Counter

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from sweeper.errors import StudyGoneError
from sweeper.registry.study_state import StudyState
from sweeper.store.database.tables import LeaseRow, StudyRow, TrialRow
from sweeper.store.queue.causes import LOST, kind_of, retryable


def lock_study(session: Session, study_id: int) -> StudyState:
    """Let the transactions that change a study's trials and leases go one after the other.

    Returns the state of the study.

    On SQLite they do so anyway, with every transaction that writes.

    Raises:
        StudyGoneError: the study is not there any more.
    """
    locked = select(StudyRow.state).where(StudyRow.id == study_id).with_for_update()
    state = session.scalar(locked)
    if state in (None, "deleted"):
        raise gone(study_id)
    return state


def gone(study_id: int) -> StudyGoneError:
    """Return the error that a study was deleted."""
    return StudyGoneError(f"study {study_id} is not in the database any more")


def count_trials(session: Session, study_id: int) -> dict[str, int]:
    """Return how many numbered trials are complete, pruned, failed and lost."""
    state = case((retryable(TrialRow.cause), LOST), else_=TrialRow.state)
    mine = (TrialRow.study_id == study_id) & TrialRow.number.is_not(None)
    found = session.execute(select(state, func.count()).where(mine).group_by(state)).all()
    counts = Counter({str(name): count for name, count in found})
    return {name: counts[name] for name in ("complete", "pruned", "failed", LOST)}


def count_causes(session: Session, study_id: int) -> dict[str, int]:
    """Return how many numbered trials failed for each cause, without its details."""
    failed = (TrialRow.study_id == study_id) & (TrialRow.state == "failed")
    mine = failed & TrialRow.number.is_not(None)
    counts: Counter[str] = Counter()
    for cause, count in session.execute(
        select(TrialRow.cause, func.count()).where(mine).group_by(TrialRow.cause)
    ):
        counts[kind_of(cause or "failed")] += count
    return dict(sorted(counts.items()))


def count_controls(session: Session, study_id: int) -> int:
    """Return how many controls are over, those whose causes do not count left out."""
    mine = (TrialRow.study_id == study_id) & TrialRow.control.is_not(None)
    over = mine & ~retryable(TrialRow.cause)
    return session.scalars(select(func.count()).select_from(TrialRow).where(over)).one()


def count_leases(session: Session, study_id: int) -> int:
    """Return how many leases of the budget are held; those of controls are none of it."""
    mine = (LeaseRow.study_id == study_id) & LeaseRow.control.is_(None)
    return session.scalars(select(func.count()).select_from(LeaseRow).where(mine)).one()


def count_epochs(session: Session, study_id: int) -> int:
    """Return how many epochs all that is under leases has been trained for."""
    mine = LeaseRow.study_id == study_id
    return session.scalars(select(func.coalesce(func.sum(LeaseRow.epochs), 0)).where(mine)).one()
