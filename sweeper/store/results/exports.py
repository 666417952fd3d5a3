"""The files that confirmations export, in the database, so that they can be written again."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Literal

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.database.tables import ExportRow
from sweeper.store.queue.counting import lock_study

#: The winner's weights as they were confirmed, or those trained on all samples afterwards.
Export = Literal["confirmed", "refit"]

#: Begins the names of the files of a refit, which are stored beside the confirmed ones.
_REFIT = "refit/"

#: Bytes of an exported file in one row: a server takes many such rows, and not one of a gigabyte.
_PART = 2**24


def store_export(
    database: Database, study_id: int, files: Mapping[str, bytes], export: Export = "confirmed"
) -> None:
    """Store the files that a study's confirmation exports, by name, in place of earlier ones.

    In a transaction of their own, after that of the result: they are so much larger that a disk may
    have room for the result alone.

    Raises:
        SweeperError: the study is not there any more, or there is no room for them.
    """

    def action(session: Session) -> None:
        lock_study(session, study_id)
        session.execute(delete(ExportRow).where(_of(study_id, export)))
        for name, content in files.items():
            for part, start in enumerate(range(0, len(content), _PART)):
                piece, stored = content[start : start + _PART], _prefix(export) + name
                values = {"study_id": study_id, "name": stored, "part": part, "content": piece}
                session.execute(insert(ExportRow).values(**values))

    database.transact(action)


def load_export(
    database: Database, study_id: int, export: Export = "confirmed"
) -> dict[str, bytes]:
    """Return the files that a confirmation exports, by name; empty where none were kept."""

    def action(session: Session) -> dict[str, bytes]:
        rows = select(ExportRow.name, ExportRow.content).where(_of(study_id, export))
        parts: dict[str, list[bytes]] = defaultdict(list)
        for name, content in session.execute(rows.order_by(ExportRow.name, ExportRow.part)):
            parts[name.removeprefix(_prefix(export))].append(content)
        return {name: b"".join(pieces) for name, pieces in parts.items()}

    return database.read(action)


def _prefix(export: Export) -> str:
    return _REFIT if export == "refit" else ""


def _of(study_id: int, export: Export) -> ColumnElement[bool]:
    """Return which rows are those of an export."""
    refit = ExportRow.name.startswith(_REFIT, autoescape=True)
    return (ExportRow.study_id == study_id) & (refit if export == "refit" else ~refit)
