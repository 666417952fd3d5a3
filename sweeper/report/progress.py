"""Progress reports while work is running."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from sweeper import logs, store
from sweeper.console import duration, say
from sweeper.errors import SweeperError
from sweeper.report.study_results import StudyResults
from sweeper.report.text import measured
from sweeper.study.open_study import KnownStudy

#: Seconds between two lines where the output is not a terminal.
_QUIET = 30.0

#: Pause after reading all results, as a multiple of the time it took.
_REST = 100


class Bar:
    """A progress bar on a terminal, otherwise a line now and then; both on standard error.

    Args:
        name: of the task.
        expected: about how many seconds it will take, told until the work itself tells.
        at_most: whether it may end before all is done.
    """

    def __init__(self, name: str, expected: float | None = None, at_most: bool = False) -> None:
        self.name, self.expected, self.at_most = name, expected, at_most
        console = Console(stderr=True)
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[text]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal or logs.is_begun(),
        )
        self.began = self.last_line = time.monotonic()
        self.first: float | None = None

    def __enter__(self) -> Self:
        self.bar.start()
        self.task = self.bar.add_task("starting", total=1.0, text="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def show(self, share: float, line: str) -> None:
        """Show the share that is done, from 0 to 1, and a line of text with the time left."""
        line += self._left(share)
        self.bar.update(self.task, completed=share, description=self.name, text=line)
        if self.bar.disable and time.monotonic() - self.last_line > _QUIET:
            self.last_line = time.monotonic()
            say(line)

    def _left(self, share: float) -> str:
        if self.first is None:
            self.first = share
        elapsed = time.monotonic() - self.began
        if share >= 1:
            return ""
        if share - self.first >= 0.02:
            left = elapsed * (1 - share) / (share - self.first)
        elif self.expected is not None and elapsed < self.expected:
            left = self.expected - elapsed
        else:
            return ""
        return f", {'at most ' if self.at_most else ''}{duration(left)} left"


class StudyProgress(Bar):
    """The progress of a study."""

    def __init__(
        self, opened: KnownStudy, expected: float | None = None, at_most: bool = False
    ) -> None:
        super().__init__(opened.stored.name, expected, at_most)
        self.opened = opened
        self.counted, self.next_look = -1, 0.0
        self.best = ""

    def update(self) -> None:
        """Read the progress from the database and show it."""
        database = self.opened.database
        summary = store.load_summary(database, self.opened.stored.id)
        budget = summary.study.n_trials
        done = summary.counted + summary.controls + summary.epochs / self.opened.spec.epochs
        share = done / (budget + len(self.opened.spec.control_settings()))
        began = time.monotonic()
        if summary.counted != self.counted and began >= self.next_look:
            self.counted = summary.counted
            self.best = _best(StudyResults.load(database, self.opened.stored, values_alone=True))
            self.next_look = time.monotonic() + _REST * (time.monotonic() - began)
        state = "" if summary.study.state == "active" else f", {summary.study.state}"
        self.show(share, f"{summary.counted}/{budget} trials{self.best}{state}")


def _best(outcome: StudyResults) -> str:
    """Format the best trial so far, if there is one."""
    best, objectives = outcome.best, outcome.spec.objectives
    if not best:
        return ""
    if len(objectives) > 1:
        return f", {len(best)} on the Pareto front"
    (objective,), (row,) = objectives, best
    value = measured(objective, row.values[objective], row.spread[objective])
    return f", best {objective} {value} with {row.record.setting.describe()}"


@contextmanager
def watched(opened: KnownStudy, seconds: float = 1.0) -> Iterator[None]:
    """Show the progress of a study from a background thread."""
    ended = threading.Event()

    def watch() -> None:
        with StudyProgress(opened) as progress:
            while not ended.wait(seconds):
                # The database may be unreachable for a moment; the work itself reports it.
                with suppress(SweeperError):
                    progress.update()

    thread = threading.Thread(target=watch, daemon=True, name="progress")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
