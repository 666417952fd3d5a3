"""Keeps the notes and figures of all studies up to date while the server runs."""

import asyncio
import logging

from sqlalchemy import func, select

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.serve.publish import publish
from sweeper.store import Database
from sweeper.store.database.tables import TrialRow

#: Seconds between two looks at the database.
SECONDS = 15.0

_log = logging.getLogger(__name__)


class Refresher:
    """Publishes the studies that have other trials, or another budget, than when last published."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._published: dict[int, tuple[int, ...]] = {}
        self._warned: set[str] = set()

    async def run(self) -> None:
        """Look again and again, until canceled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(SECONDS)

    def look(self) -> list[str]:
        """Publish what changed since the last look; return the names of those studies.

        What goes wrong is logged, the same only once, and tried again at the next look.
        """
        done = []
        try:
            trials = self._trials()
            for summary in store.list_studies(self._database):
                study = summary.study
                state = (study.n_trials, *trials.get(study.id, ()))
                if self._published.get(study.id) == state:
                    continue
                try:
                    publish(self._database, study)
                except SweeperError as error:
                    self._warn(f"study {study.name!r}: {error}")
                    continue
                self._published[study.id] = state
                done.append(study.name)
        except SweeperError as error:
            self._warn(str(error))
        return done

    def _trials(self) -> dict[int, tuple[int, int]]:
        """Return for each study how many trials and controls are over, and the last one's row."""
        query = select(TrialRow.study_id, func.count(), func.max(TrialRow.id))
        rows = self._database.read(
            lambda session: session.execute(query.group_by(TrialRow.study_id)).all()
        )
        return {study: (number, last) for study, number, last in rows}

    def _warn(self, line: str) -> None:
        if line not in self._warned:
            self._warned.add(line)
            _log.warning("%s", line)
