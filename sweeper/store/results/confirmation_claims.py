"""Who confirms a study, from when on, and when the test split may have been read."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sweeper.errors import BusyError, SweeperError
from sweeper.store.database.database import Database
from sweeper.store.database.tables import ConfirmationRow, ResultRow, StudyRow, TrialRow
from sweeper.store.queue.counting import lock_study
from sweeper.store.queue.leases import clock
from sweeper.store.queue.worker_identity import WorkerIdentity
from sweeper.store.results.records import StoredStudy
from sweeper.store.results.studies import stored_study

#: How much of some test data was read before, see `EarlierRead`.
Shared = Literal["all", "some", "source", "interrupted"]


@dataclass(frozen=True)
class EarlierRead:
    """That test data of a confirmation were read before it.

    Attributes:
        study: the name of the study that read them.
        when: in UTC.
        shared: "all" for the very test samples, "some" for a part of them, "source" where only the
            origin of the data is known to be the same, "interrupted" for a confirmation of the same
            study whose result was lost.
    """

    study: str
    when: datetime
    shared: Shared

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return asdict(self) | {"when": self.when.isoformat()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "EarlierRead":
        """Return what `to_dict` made this of."""
        return cls(**stored | {"when": datetime.fromisoformat(stored["when"])})


@dataclass(frozen=True)
class ConfirmationClaim:
    """A confirmation that has begun and has no result yet.

    Attributes:
        study: the name of its study.
        seeds: how many further seeds it trains.
        begun: when, in UTC.
        worker: who confirms; None once that process has let go of it.
        test_read: since when it may have read the test split; None where it has not.
        is_lost: whether its process is gone.
        interrupted: the earlier ones of this study that may have read the test split.
    """

    study: str
    seeds: int
    begun: datetime
    worker: WorkerIdentity | None
    test_read: datetime | None
    is_lost: bool
    interrupted: tuple[EarlierRead, ...]

    @property
    def reads(self) -> tuple[EarlierRead, ...]:
        """Every confirmation of this study so far that may have read the test split."""
        if self.test_read is None:
            return self.interrupted
        return (*self.interrupted, EarlierRead(self.study, self.test_read, "interrupted"))


def find_claim(database: Database, study_id: int) -> ConfirmationClaim | None:
    """Return the confirmation of a study that has begun and is not finished, or None."""

    def action(session: Session) -> ConfirmationClaim | None:
        row = session.get(ConfirmationRow, study_id)
        return None if row is None or row.finished is not None else _claim_of(session, row)

    return database.read(action)


def claim_confirmation(
    database: Database, study_id: int, seeds: int, worker: WorkerIdentity
) -> ConfirmationClaim:
    """Claim the confirmation of a study; that of a lost process is taken over.

    The worker keeps it by renewing its leases, see `sweeper.store.renew`.

    Raises:
        SweeperError: somebody else confirms it, or has confirmed it already.
    """

    def action(session: Session) -> ConfirmationClaim:
        lock_study(session, study_id)
        now = clock(session)
        row = session.get(ConfirmationRow, study_id)
        reads: tuple[EarlierRead, ...] = ()
        if row is not None and row.worker != worker.name:
            if row.finished is not None:
                raise _confirmed_meanwhile(session, study_id)
            found = _claim_of(session, row)
            dead = found.worker is None or found.worker.is_dead()
            if not found.is_lost or not (dead or database.is_settled()):
                raise _being_confirmed(found)
            reads = found.reads
        if row is None:
            row = ConfirmationRow(study_id=study_id)
            session.add(row)
        elif row.worker == worker.name:  # committed by an earlier attempt whose answer was lost
            return _claim_of(session, row)
        row.seeds, row.begun, row.test_read = seeds, now, None
        row.worker, row.host, row.pid = worker.name, worker.host, worker.pid
        row.until = now + timedelta(seconds=database.timing.lease)
        row.earlier_reads = [read.to_dict() for read in reads]
        session.flush()
        return _claim_of(session, row)

    return database.transact(action)


def require_no_confirmation(session: Session, study_id: int) -> None:
    """See to it within a transaction that nobody confirms a study at this moment.

    Raises:
        BusyError: somebody does; says who.
    """
    row = session.get(ConfirmationRow, study_id)
    if row is not None and row.finished is None:
        claim = _claim_of(session, row)
        if not claim.is_lost:
            raise _being_confirmed(claim)


def note_test_read(
    database: Database, study_id: int, worker: WorkerIdentity, others: tuple[EarlierRead, ...] = ()
) -> None:
    """Store that a confirmation is about to read the test split.

    Args:
        database: the database.
        study_id: the study.
        worker: who has claimed it.
        others: the earlier reads of other studies.

    Raises:
        SweeperError: it is claimed by somebody else by now; the test split is not to be read.
    """

    def action(session: Session) -> None:
        lock_study(session, study_id)
        row = session.get(ConfirmationRow, study_id)
        if row is None or row.worker != worker.name or row.finished is not None:
            raise _taken_over(session, study_id)
        row.test_read = clock(session)
        own = [read for read in row.earlier_reads if read["shared"] == "interrupted"]
        row.earlier_reads = [*own, *(read.to_dict() for read in others)]

    database.transact(action)


def release_confirmation(database: Database, study_id: int, worker: WorkerIdentity) -> None:
    """Let go of a claim without a result; what may have read the test split stays on record."""

    def action(session: Session) -> None:
        row = session.get(ConfirmationRow, study_id)
        if row is None or row.worker != worker.name or row.finished is not None:
            return
        if row.test_read is None and not row.earlier_reads:
            session.delete(row)
        else:
            row.worker = row.host = row.pid = row.until = None

    database.transact(action)


def find_test_reads(database: Database) -> list[tuple[StoredStudy, datetime]]:
    """Return the studies that have read test data, and since when, the earliest first.

    An experiment reads them with its first trial, a search when it is confirmed. Those that were
    deleted afterwards are among them.
    """

    def action(session: Session) -> list[tuple[StoredStudy, datetime]]:
        found = [
            (stored_study(session, study), moment)
            for study, moment in reads_within(session).items()
        ]
        return sorted(found, key=lambda each: each[1])

    return database.read(action)


def reads_within(session: Session) -> dict[int, datetime]:
    """Return within a transaction since when studies have read test data, by their ids."""
    confirmed = select(ConfirmationRow.study_id, ConfirmationRow.test_read).where(
        ConfirmationRow.test_read.is_not(None)
    )
    measured = (
        select(TrialRow.study_id, func.min(TrialRow.finished))
        .join(StudyRow, StudyRow.id == TrialRow.study_id)
        .where(StudyRow.kind == "experiment")
        .where(select(ResultRow.trial_id).where(ResultRow.trial_id == TrialRow.id).exists())
        .group_by(TrialRow.study_id)
    )
    found = [*session.execute(confirmed), *session.execute(measured)]
    return {study: when for study, when in found}  # noqa: C416 - rows are no pairs to mypy


def _claim_of(session: Session, row: ConfirmationRow) -> ConfirmationClaim:
    worker = None
    if row.worker is not None and row.host is not None and row.pid is not None:
        worker = WorkerIdentity(row.worker, row.host, row.pid)
    lost = worker is None or row.until is None or row.until < clock(session) or worker.is_dead()
    reads = map(EarlierRead.from_dict, row.earlier_reads)
    interrupted = tuple(read for read in reads if read.shared == "interrupted")
    study = session.scalars(select(StudyRow.name).where(StudyRow.id == row.study_id)).one()
    return ConfirmationClaim(study, row.seeds, row.begun, worker, row.test_read, lost, interrupted)


def _being_confirmed(claim: ConfirmationClaim) -> BusyError:
    assert claim.worker is not None
    return BusyError(
        f"study {claim.study!r} is being confirmed since {claim.begun:%Y-%m-%d %H:%M} UTC by "
        f"process {claim.worker.pid} on {claim.worker.machine}",
        "wait for its result, or stop it",
    )


def _confirmed_meanwhile(session: Session, study_id: int) -> SweeperError:
    name = stored_study(session, study_id).name
    return SweeperError(
        f"study {name!r} was confirmed by somebody else in the meantime; run the command again to "
        "see the result"
    )


def _taken_over(session: Session, study_id: int) -> SweeperError:
    row = session.get(ConfirmationRow, study_id)
    if row is not None and row.finished is not None:
        return _confirmed_meanwhile(session, study_id)
    name = stored_study(session, study_id).name
    return SweeperError(
        f"the confirmation of study {name!r} was taken over by somebody else while this process "
        "was out of reach; it has not read the test split, and nothing of it was stored"
    )
