"""How the training of a trial ended."""

from dataclasses import dataclass

from sweeper.store import SeedRecord, State


@dataclass(frozen=True)
class TrialResult:
    """How a trial ended, after so many epochs and seconds; `cause` says why it failed."""

    state: State
    epochs: int
    seconds: float
    cause: str | None = None
    seeds: tuple[SeedRecord, ...] = ()
