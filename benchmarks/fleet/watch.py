"""Observes the server while the workers of a line run."""

import math
import threading
import time
from collections import Counter

from benchmarks.fleet.server import Server
from tests.support.postgres import connect

#: Seconds between two samples.
LOOK = 0.1


class Watch(threading.Thread):
    """Samples the number of open connections, and what the active ones are waiting for."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self.server, self.ended = server, threading.Event()
        self.most, self.looks = 0, 0
        self.waits: Counter[str] = Counter()
        self.busy = math.nan

    def run(self) -> None:
        """Sample until told to stop."""
        query = (
            "SELECT state, coalesce(wait_event_type || ':' || wait_event, 'processor') "
            "FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        with connect(self.server.url) as connection:
            while not self.ended.wait(LOOK):
                rows = connection.execute(query).fetchall()
                self.most = max(self.most, len(rows) - 1)  # without the connection of `server`
                self.looks += 1
                self.waits.update(wait for state, wait in rows if state == "active")

    def go(self) -> None:
        """Discard the samples from while the workers joined, except the maximum of connections."""
        self.looks, self.waits = 0, Counter()
        self.busy = self.server.cpu_seconds()

    def end(self) -> float:
        """Stop sampling; return the seconds of CPU time since `go`."""
        self.ended.set()
        self.join()
        time.sleep(0.5)  # until the server has noticed the end of its processes
        return self.server.cpu_seconds() - self.busy
