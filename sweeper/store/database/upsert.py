"""Inserting what somebody else may insert at the same moment."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

#: Each dialect's own statement, which knows what to do about a row that is there.
INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_missing(session: Session, table: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert those rows whose keys are not there, whoever else does so; return how many."""
    insert = INSERTS[session.get_bind().dialect.name]
    inserted = 0
    for row in rows:
        unless_there = insert(table).values(**row).on_conflict_do_nothing()
        # What comes back are the rows that are new; drivers differ on how they count.
        inserted += len(session.execute(unless_there.returning(*table.__table__.primary_key)).all())
    return inserted
