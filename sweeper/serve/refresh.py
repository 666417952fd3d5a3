"""Keeps the notes and figures of all studies up to date while the server runs."""

import asyncio
import logging

from sqlalchemy import func, select

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.serve.publish import publish
from sweeper.store import Database
from sweeper.store.database.tables import ConfirmationRow, TrialRow

#: Seconds between two checks of the database.
SECONDS = 15.0

_log = logging.getLogger(__name__)


class Refresher:
    """Publishes studies whose name, trials, budget, outlook or confirmation have changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._published: dict[int, tuple[object, ...]] = {}
        self._warned: set[str] = set()

    async def run(self) -> None:
        """Check for changes periodically, until canceled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(SECONDS)

    def look(self) -> list[str]:
        """Publish the studies that changed since the last check; return their names.

        An error is logged, once per message, and the study is tried again at the next check.
        """
        published = []
        try:
            trials, confirmed = self._trials(), self._confirmations()
            outlooks = store.stored_outlooks(self._database)
            for summary in store.list_studies(self._database):
                study = summary.study
                outlook = outlooks.get(study.optuna_study_id)
                state = (
                    study.name,
                    study.created,  # SQLite gives the id of a deleted study again
                    study.n_trials,
                    *trials.get(study.id, ()),
                    outlook,
                    confirmed.get(study.id),
                )
                if self._published.get(study.id) == state:
                    continue
                try:
                    publish(self._database, study)
                except SweeperError as error:
                    self._warn(f"study {study.name!r}: {error}")
                    continue
                self._published[study.id] = state
                published.append(study.name)
        except SweeperError as error:
            self._warn(str(error))
        return published

    def _trials(self) -> dict[int, tuple[int, int]]:
        """Return for each study the number of finished trials and controls, and the last row id."""
        query = select(TrialRow.study_id, func.count(), func.max(TrialRow.id))
        rows = self._database.read(
            lambda session: session.execute(query.group_by(TrialRow.study_id)).all()
        )
        return {study: (number, last) for study, number, last in rows}

    def _confirmations(self) -> dict[int, tuple[object, ...]]:
        """Return for each study whose confirmation has begun when, by whom, and when it ended."""
        row = ConfirmationRow
        query = select(row.study_id, row.begun, row.worker, row.test_read, row.finished)
        rows = self._database.read(lambda session: session.execute(query).all())
        return {study: tuple(state) for study, *state in rows}

    def _warn(self, line: str) -> None:
        if line not in self._warned:
            self._warned.add(line)
            _log.warning("%s", line)
