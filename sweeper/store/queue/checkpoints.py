"""Checkpoints: partly trained arrays, for the worker that takes over their trials.

A checkpoint belongs to labels: the names that trials keep across repetitions, and the names of
controls. Each label keeps only its newest checkpoint; one that no label refers to is deleted.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.database.tables import CheckpointedRow, CheckpointRow, LeaseRow
from sweeper.store.database.upsert import INSERTS


@dataclass(frozen=True)
class Checkpoint:
    """The bytes of a checkpoint, either in memory or in a file (exactly one of them)."""

    content: bytes | None = None
    file: Path | None = None

    def read(self) -> bytes:
        """Return the bytes.

        Raises:
            OSError: the file does not exist or cannot be read.
        """
        if self.content is not None:
            return self.content
        assert self.file is not None
        return self.file.read_bytes()


def save_checkpoint(
    database: Database, leases: Mapping[str, int], epochs: int, saved: Checkpoint
) -> set[Path]:
    """Make a checkpoint the newest one of its labels, in one transaction.

    Labels whose lease has ended in the meantime are skipped: another worker has taken them over.

    Args:
        database: where to store it.
        leases: lease id by label.
        epochs: number of epochs trained.
        saved: the bytes, or the file that contains them.

    Returns:
        Files that no label needs any more; the caller must delete them.
    """
    chosen = secrets.randbits(62)
    file = None if saved.file is None else str(saved.file)

    def action(session: Session) -> set[Path]:
        # Locked until the end: whoever ends a lease meanwhile drops its checkpoint afterwards.
        held = select(LeaseRow.id).where(LeaseRow.id.in_(leases.values())).order_by(LeaseRow.id)
        alive = session.scalars(held.with_for_update()).all()
        labels = [label for label, lease in leases.items() if lease in alive]
        if not labels:
            return set() if saved.file is None else {saved.file}
        if session.get(CheckpointRow, chosen) is None:
            row = CheckpointRow(id=chosen, epochs=epochs, file=file)
            row.content = saved.content
            session.add(row)
            session.flush()
        adding = INSERTS[session.get_bind().dialect.name](CheckpointedRow)
        session.execute(
            adding.on_conflict_do_update(
                index_elements=[CheckpointedRow.label],
                set_={"checkpoint_id": adding.excluded.checkpoint_id},
            ),
            # In the same order in every worker: two that save at once would otherwise deadlock.
            [{"label": label, "checkpoint_id": chosen} for label in sorted(labels)],
        )
        return _sweep(session)

    return database.transact(action)


def find_checkpoints(database: Database, labels: Collection[str]) -> dict[str, int]:
    """Return the id of the newest checkpoint for each of these labels that has one."""
    query = select(CheckpointedRow.label, CheckpointedRow.checkpoint_id).where(
        CheckpointedRow.label.in_(labels)
    )
    return database.read(
        lambda session: {row.label: row.checkpoint_id for row in session.execute(query)}
    )


def load_checkpoint(database: Database, checkpoint: int) -> Checkpoint | None:
    """Return a checkpoint, None if it has been deleted in the meantime."""

    def action(session: Session) -> Checkpoint | None:
        row = session.get(CheckpointRow, checkpoint)
        if row is None:
            return None
        return Checkpoint(row.content, None if row.file is None else Path(row.file))

    return database.read(action)


def drop_checkpoints(
    database: Database, labels: Collection[str] = (), start: str | None = None
) -> set[Path]:
    """Drop the checkpoints of finished labels; return files to delete, like `save_checkpoint`.

    A checkpoint that other labels share is kept for them.

    Args:
        database: where they are.
        labels: whose checkpoints are dropped.
        start: also drops those of all labels with this prefix.
    """
    return database.transact(lambda session: drop_within(session, labels, start))


def drop_within(
    session: Session, labels: Collection[str] = (), start: str | None = None
) -> set[Path]:
    """Drop checkpoints within a transaction, see `drop_checkpoints`."""
    chosen: ColumnElement[bool] = CheckpointedRow.label.in_(labels)
    if start is not None:
        chosen = or_(chosen, CheckpointedRow.label.startswith(start, autoescape=True))
    session.execute(delete(CheckpointedRow).where(chosen))
    return _sweep(session)


def _sweep(session: Session) -> set[Path]:
    """Delete checkpoints without labels; return their files."""
    needed = select(CheckpointedRow.checkpoint_id)
    unneeded = delete(CheckpointRow).where(CheckpointRow.id.not_in(needed))
    files = session.execute(unneeded.returning(CheckpointRow.file)).scalars()
    return {Path(file) for file in files if file is not None}
