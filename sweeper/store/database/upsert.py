"""Inserts that tolerate concurrent inserts of the same rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

#: The insert statement of each dialect, with its ON CONFLICT clause.
INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_missing(session: Session, table: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose keys do not exist yet, safely under concurrency; return how many."""
    insert = INSERTS[session.get_bind().dialect.name]
    inserted = 0
    for row in rows:
        upsert = insert(table).values(**row).on_conflict_do_nothing()
        # The returned rows are the new ones; drivers differ in how they count.
        inserted += len(session.execute(upsert.returning(*table.__table__.primary_key)).all())
    return inserted
