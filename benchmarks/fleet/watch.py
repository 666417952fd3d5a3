"""What the server does while the workers of a line work."""

import math
import threading
import time
from collections import Counter

from benchmarks.fleet.server import Server
from tests.support.postgres import connect

#: Seconds between two looks.
LOOK = 0.1


class Watch(threading.Thread):
    """Looks again and again how many connections are open and what those at work wait for."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self.server, self.ended = server, threading.Event()
        self.most, self.looks = 0, 0
        self.waits: Counter[str] = Counter()
        self.busy = math.nan

    def run(self) -> None:
        """Look until told to end."""
        query = (
            "SELECT state, coalesce(wait_event_type || ':' || wait_event, 'processor') "
            "FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        with connect(self.server.url) as connection:
            while not self.ended.wait(LOOK):
                rows = connection.execute(query).fetchall()
                self.most = max(self.most, len(rows) - 1)  # less the server's own
                self.looks += 1
                self.waits.update(wait for state, wait in rows if state == "active")

    def go(self) -> None:
        """Forget what was seen while the workers joined, the most connections apart."""
        self.looks, self.waits = 0, Counter()
        self.busy = self.server.cpu_seconds()

    def end(self) -> float:
        """Stop looking; return the seconds of processor time since `go`."""
        self.ended.set()
        self.join()
        time.sleep(0.5)  # until the server has heard of the end of its processes
        return self.server.cpu_seconds() - self.busy
