"""How the training of a trial ended."""

from dataclasses import dataclass

from sweeper.store import SeedRecord, State


@dataclass(frozen=True)
class TrialResult:
    """How one setting of the array ended; `place` counts the settings as they were given."""

    place: int
    state: State
    epochs: int
    seconds: float
    cause: str | None = None
    seeds: tuple[SeedRecord, ...] = ()
