"""What all studies of a database share: imported repositories, and the choice of a predictor."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sweeper.store.database.database import Database
from sweeper.store.database.tables import ChoiceRow, RepositoryRow
from sweeper.store.database.upsert import insert_missing


@dataclass(frozen=True)
class Imported:
    """A repository that was imported.

    Attributes:
        name: that of its file.
        digest: of what it holds.
        content: the file's.
        imported: when.
    """

    name: str
    digest: str
    content: bytes
    imported: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def short_digest(self) -> str:
        """The beginning of the digest, which tells it from others."""
        return self.digest[:12]


def add_repository(database: Database, imported: Imported) -> bool:
    """Store an imported repository; return whether it is new."""
    rows = [vars(imported)]
    return bool(database.transact(lambda session: insert_missing(session, RepositoryRow, rows)))


def remove_repository(database: Database, digest: str) -> None:
    """Delete an imported repository, if it is there."""
    database.execute(delete(RepositoryRow).where(RepositoryRow.digest == digest))


def imported_repositories(database: Database) -> list[Imported]:
    """Return all imported repositories, the first imported first."""
    query = select(RepositoryRow).order_by(RepositoryRow.imported, RepositoryRow.digest)

    def action(session: Session) -> list[Imported]:
        return [
            Imported(row.name, row.digest, row.content, row.imported)
            for row in session.scalars(query)
        ]

    return database.read(action)


def record_choice(database: Database, objective: str, content: str) -> None:
    """Store the choice of a predictor as text, in place of an earlier one of the objective."""
    row = {"objective": objective, "content": content, "made": datetime.now(UTC)}

    def action(session: Session) -> None:
        session.execute(delete(ChoiceRow).filter_by(objective=objective))
        insert_missing(session, ChoiceRow, [row])

    database.transact(action)


def find_choice(database: Database, objective: str) -> str | None:
    """Return the stored choice for an objective, None where none was made."""
    query = select(ChoiceRow.content).filter_by(objective=objective)
    return database.read(lambda session: session.scalars(query).one_or_none())
