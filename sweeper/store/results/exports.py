"""The files that confirmations export, in the database, so that they can be written again."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.database.tables import ExportRow

#: Bytes of an exported file in one row: a server takes many such rows, and not one of a gigabyte.
_PART = 2**24


def store_export(database: Database, study_id: int, files: Mapping[str, bytes]) -> None:
    """Store the files that a study's confirmation exports, by name, in place of earlier ones.

    In a transaction of their own, after that of the result: they are so much larger that a disk may
    have room for the result alone.
    """

    def action(session: Session) -> None:
        session.execute(delete(ExportRow).where(ExportRow.study_id == study_id))
        for name, content in files.items():
            for part, start in enumerate(range(0, len(content), _PART)):
                piece = content[start : start + _PART]
                values = {"study_id": study_id, "name": name, "part": part, "content": piece}
                session.execute(insert(ExportRow).values(**values))

    database.transact(action)


def load_export(database: Database, study_id: int) -> dict[str, bytes]:
    """Return the files that a confirmation exports, by name; empty where none were kept."""

    def action(session: Session) -> dict[str, bytes]:
        rows = select(ExportRow.name, ExportRow.content).filter_by(study_id=study_id)
        parts: dict[str, list[bytes]] = defaultdict(list)
        for name, content in session.execute(rows.order_by(ExportRow.name, ExportRow.part)):
            parts[name].append(content)
        return {name: b"".join(pieces) for name, pieces in parts.items()}

    return database.read(action)
