"""What goes wrong, and when: the same for the same seed."""

import random
from dataclasses import dataclass

from .habits import TIMING

PLACES = 8
#: The machine of each place; the disk of `SMALL` is small.
MACHINES = ("a", "a", "a", "b", "b", "b", "c", "c")
SMALL = "b"


@dataclass(frozen=True, order=True)
class Action:
    """One fault.

    Attributes:
        at: when, in seconds after the workers began.
        kind: "kill", "term", "freeze", "restart", "outage" or "fill".
        place: the worker that it befalls.
        seconds: that it lasts; of a worker that is killed, until another one takes its place.
    """

    at: float
    kind: str
    place: int = -1
    seconds: float = 0.0

    def __str__(self) -> str:
        where = f" worker {self.place}" if self.place >= 0 else ""
        return f"{self.kind}{where} for {self.seconds:.1f} s"


@dataclass(frozen=True)
class Script:
    """The faults of a seed, whether trials are pruned, and who lives in another time zone."""

    seed: int
    actions: tuple[Action, ...]
    prunes: bool
    far: int

    @classmethod
    def draw(cls, seed: int, seconds: float) -> "Script":
        """Draw what happens to a study that takes so many seconds when nothing does."""
        draw = random.Random(seed)

        def at() -> float:
            return draw.uniform(0.05, 1.0) * seconds

        def place() -> int:
            return draw.randrange(PLACES)

        kills = [Action(at(), "kill", place(), draw.uniform(0, 3)) for _ in range(_some(draw, 9))]
        terms = [Action(at(), "term", place(), draw.uniform(0, 3)) for _ in range(_some(draw, 9))]
        lengths = (0.5, 2.5)  # of a lease
        freezes = [
            Action(at(), "freeze", place(), draw.uniform(*lengths) * TIMING.lease)
            for _ in range(_some(draw, 3))
        ]
        restarts = [Action(at(), "restart") for _ in range(_some(draw, 2))]
        gone = Action(at(), "outage", seconds=draw.uniform(0, 0.7) * TIMING.lease)
        full = Action(gone.at - 0.1, "fill", seconds=gone.seconds + draw.uniform(0, 5))
        actions = [*kills, *terms, *freezes, *restarts, gone, full]
        return cls(seed, tuple(sorted(actions)), draw.random() < 0.25, place())


def _some(draw: random.Random, most: int) -> int:
    return draw.randint((most + 1) // 2, most)
