"""What every way of starting workers has in common."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sweeper.study.open_study import KnownStudy


@dataclass(frozen=True)
class LaunchRequest:
    """Which workers to start.

    Attributes:
        study: what they work on; whoever starts them needs none of its data.
        url: of its database, with the password.
        device: auto, cpu, cuda:0, …
        workers: how many, or None for what suits the place.
        checkpoints: a folder that all workers share, see `StudyWorker`.
        allow_nets: modules that the study's net may come from, see `find`.
    """

    study: KnownStudy
    url: str
    device: str
    workers: int | None
    checkpoints: Path | None = None
    allow_nets: tuple[str, ...] = ()


class Launcher(Protocol):
    """A place where workers can be started."""

    def launch(self, request: LaunchRequest) -> int:
        """Start workers, and say what comes of it; return the exit status.

        Raises:
            UsageError: this place cannot have such workers.
            SweeperError: they cannot be started, or failed.
        """
