"""One study from its beginning to its end, with what goes wrong meanwhile."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sweeper import store
from sweeper.store import open_database
from sweeper.study.open_study import create_or_resume
from sweeper.study.task import Task
from tests.support.postgres import PostgresServer, create_database

from . import checks
from .places import Places, small_disk
from .script import MACHINES, Script
from .study import make_study, results

#: Lines of the workers that are counted.
SAID = {
    "spooled": "a result that waited for the database is stored",
    "too late": "came too late and is dropped",
    "dropped": "was taken for lost meanwhile",
    "in memory": "waits for the database in this process alone",
    "unsaved": "no checkpoint could be saved",
}


@dataclass
class Run:
    """How it went.

    Attributes:
        script: what was to go wrong.
        seconds: until the last worker had ended.
        faults: what does not hold.
        actions: how many faults of each kind there were.
        causes: how many trials failed for each cause.
        said: how often the workers said what.
        results: the numbers of each setting.
        log: what happened.
        folder: with the workers' logs.
        why_no_disk: why no disk was filled.
    """

    script: Script
    seconds: float
    faults: list[str]
    actions: dict[str, int]
    causes: Counter[str]
    said: dict[str, int]
    results: dict = field(repr=False)
    log: list[str] = field(repr=False)
    folder: Path
    why_no_disk: str

    def line(self) -> str:
        """Return the run in one line."""
        parts = [
            ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count) or "-"
            for counts in (self.actions, self.causes, self.said)
        ]
        how = f"{len(self.faults)} FAULTS" if self.faults else "good"
        pruning = " with pruning" if self.script.prunes else ""
        disk = f"; no full disk: {self.why_no_disk}" if self.why_no_disk else ""
        seed = f"seed {self.script.seed}{pruning}"
        return f"{seed}: {self.seconds:.0f} s; {'; '.join(parts)}; {how}{disk}"

    def story(self) -> str:
        """Return all that is known of it."""
        workers = [
            f"{file.stem} {line}"
            for file in sorted(self.folder.glob("worker-*.log"))
            for line in file.read_text(errors="replace").splitlines()
        ]
        return "\n".join(
            [self.line(), *self.faults, "", "what happened:", *self.log, "", *workers[-2000:]]
        )


def run(
    server: PostgresServer, data: Path, script: Script, folder: Path, expected: dict | None = None
) -> Run:
    """Create the study, let the workers and the script at it, and look at what is left."""
    name = re.sub(r"\W", "_", f"{folder.name}_{script.seed}").lower()
    url = create_database(server.url, name)
    began = datetime.now()
    with open_database(url, create=True) as database:
        opened, _ = create_or_resume(database, Task.load(make_study(data, script.prunes)))
        with small_disk(folder) as disk:
            places = Places(url, server, script, folder, disk)
            seconds = places.run()
            records = store.load_trials(database, opened.stored.id)
            found = results(records)
            faults = places.faults + list(
                checks.faults(
                    opened,
                    found if expected is None else expected,
                    began,
                    script.prunes,
                    [folder / machine for machine in sorted(set(MACHINES))],
                )
            )
        text = "".join(file.read_text(errors="replace") for file in folder.glob("worker-*.log"))
    return Run(
        script=script,
        seconds=seconds,
        faults=faults,
        actions=places.done,
        causes=checks.causes(records),
        said={name: text.count(words) for name, words in SAID.items()},
        results=found,
        log=places.log,
        folder=folder,
        why_no_disk=disk.why_not,
    )
