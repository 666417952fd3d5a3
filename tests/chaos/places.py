"""Eight places for workers: each that dies is replaced, until there is no work left."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from sweeper.launch import forkserver
from sweeper.launch.worker_process import WorkerConfig
from tests.support.disk import Disk
from tests.support.postgres import PostgresServer

from . import habits
from .script import MACHINES, PLACES, SMALL, Action, Script

#: Seconds that a study may take, faults included.
LONGEST = 600.0


@dataclass
class Place:
    """One place, and who has it; `due` is when another one takes it."""

    number: int
    process: BaseProcess | None = None
    connection: Connection | None = None
    due: float | None = 0.0
    told: list[Action] = field(default_factory=list)
    frozen_until: float | None = None


class Places:
    """Runs a script on the workers of one study.

    Attributes:
        log: what happened, a line each with its time.
        done: how many faults of each kind there were.
        faults: what should not have happened.
    """

    def __init__(
        self, url: str, server: PostgresServer, script: Script, folder: Path, disk: Disk
    ) -> None:
        self.url, self.server, self.script, self.folder = url, server, script, folder
        self.disk = disk
        self.places = [Place(number) for number in range(PLACES)]
        self.log: list[str] = []
        self.done: dict[str, int] = {}
        self.faults: list[str] = []
        self.began = time.monotonic()
        self._threads: list[threading.Thread] = []
        self._server_lock = threading.Lock()

    def run(self) -> float:
        """Return the seconds that it took until all workers had ended."""
        forkserver.prepare()
        self.began = time.monotonic()
        actions = list(self.script.actions)
        try:
            while any(place.process or place.due is not None for place in self.places):
                now = self._now()
                if now > LONGEST:
                    self._hang()
                    break
                while actions and actions[0].at <= now:
                    self._act(actions.pop(0))
                for place in self.places:
                    self._tend(place)
                time.sleep(0.02)
            return self._now()
        finally:
            for place in self.places:
                if place.process is not None:
                    place.process.kill()
                    place.process.join()
            for thread in self._threads:
                thread.join()
            self.disk.empty()

    def _now(self) -> float:
        return time.monotonic() - self.began

    def _note(self, line: str) -> None:
        moment = time.strftime("%H:%M:%S", time.gmtime())
        self.log.append(f"{moment} {self._now():6.2f} {line}")

    def _act(self, action: Action) -> None:
        if action.kind in ("restart", "outage"):
            calls: dict[str, Callable[[], None]] = {
                "restart": self.server.restart,
                "outage": lambda: self.server.outage(action.seconds),
            }
            self._aside(action, calls[action.kind])
        elif action.kind == "fill":
            if self.disk.why_not:
                return
            self.disk.fill()
            self._aside(action, lambda: (time.sleep(action.seconds), self.disk.empty()))
        else:
            place = self.places[action.place]
            if place.process is None or place.process.pid is None:
                self._note(f"{action}: there is nobody")
                return
            number = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "freeze": signal.SIGSTOP}
            try:
                os.kill(place.process.pid, number[action.kind])
            except ProcessLookupError:  # it has ended a moment ago
                self._note(f"{action}: it has ended")
                return
            if action.kind == "freeze":
                place.frozen_until = self._now() + action.seconds
            else:
                place.told.append(action)
            self._note(f"{action} (process {place.process.pid})")
        self.done[action.kind] = self.done.get(action.kind, 0) + 1

    def _aside(self, action: Action, call: Callable[[], object]) -> None:
        def run() -> None:
            self._note(str(action))
            try:
                with contextlib.nullcontext() if action.kind == "fill" else self._server_lock:
                    call()
            except Exception as error:
                self.faults.append(f"{action}: {error}")
            self._note(f"{action}: over")

        self._threads.append(threading.Thread(target=run, daemon=True))
        self._threads[-1].start()

    def _tend(self, place: Place) -> None:
        now = self._now()
        if place.process is None:
            if place.due is not None and now >= place.due:
                self._start(place)
            return
        if place.frozen_until is not None and now >= place.frozen_until:
            place.frozen_until = None
            self._note(f"thaw worker {place.number}")
            if place.process.is_alive():
                os.kill(place.process.pid, signal.SIGCONT)
        if place.process.is_alive():
            return
        self._ended(place, now)

    def _ended(self, place: Place, now: float) -> None:
        """Settle whether somebody takes the place of a worker that has ended."""
        status, failure = place.process.exitcode, None
        with contextlib.suppress(EOFError, OSError):
            failure = place.connection.recv() if place.connection.poll() else None
        place.connection.close()
        told, place.told = place.told, []
        place.process = place.frozen_until = place.due = None
        self._note(f"worker {place.number} ended with {status} {failure or ''}")
        expected = [0]
        if told:  # an end of its own accord may have come first
            place.due = now + told[-1].seconds
            expected += [-signal.SIGKILL] * any(action.kind == "kill" for action in told)
        if failure is not None:
            place.due = now + 0.5
            if not failure.is_transient or "fault of the program" in failure.text:
                self.faults.append(f"worker {place.number}: {failure.text}")
            if not failure.is_transient:
                place.due = None
        elif status not in expected:
            self.faults.append(f"worker {place.number} ended with {status}")
            place.due = now + 0.5

    def _start(self, place: Place) -> None:
        here, there = multiprocessing.Pipe()
        machine = MACHINES[place.number]
        far = place.number == self.script.far
        wont = habits.Habits(
            machine,
            self.folder / machine,
            self.folder / f"worker-{place.number}.log",
            "Pacific/Kiritimati" if far else "UTC",
        )
        config = WorkerConfig(self.url, "s", "cpu", 5, timing=habits.TIMING)
        place.process = forkserver.process(habits.serve, config, there, wont)
        place.process.start()
        there.close()
        place.connection, place.due = here, None
        self._note(f"worker {place.number} is process {place.process.pid}")

    def _hang(self) -> None:
        """Note who is still there, and have it write where it is."""
        alive = [place for place in self.places if place.process and place.process.is_alive()]
        names = ", ".join(str(place.number) for place in alive)
        self.faults.append(f"after {LONGEST:.0f} s workers {names} are still there")
        for place in alive:
            os.kill(place.process.pid, signal.SIGCONT)
            os.kill(place.process.pid, signal.SIGUSR1)
        time.sleep(1.0)


def spool_of(folder: Path, machine: str) -> Path:
    """Return where the results of a machine wait."""
    return folder / machine / "sweeper" / "spool"


def small_disk(folder: Path) -> Disk:
    """Return the small disk of one of the machines."""
    return Disk(spool_of(folder, SMALL))
