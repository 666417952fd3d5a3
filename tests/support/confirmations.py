"""Confirmations in a database, stored as `sweeper confirm` does."""

from collections.abc import Mapping

from sweeper.store import (
    Confirmation,
    Database,
    WorkerIdentity,
    claim_confirmation,
    note_test_read,
    record_confirmation,
    store_export,
)


def store_confirmation(
    database: Database,
    study_id: int,
    confirmation: Confirmation,
    files: Mapping[str, bytes] | None = None,
) -> None:
    """Claim it, say that the test split is read, store it."""
    worker = WorkerIdentity.here()
    claim_confirmation(database, study_id, confirmation.seeds, worker)
    note_test_read(database, study_id, worker, confirmation.earlier)
    assert record_confirmation(database, study_id, confirmation, worker)
    store_export(database, study_id, files or {})
