"""What is run: studies, numbers of workers and lengths of trials.

Every line is a study of its own in a database of its own:

- trials of a length: storage a trial and its share of a worker's time. A worker's first trial is
  cut short at random, so that they do not all hand in at one moment; it and joining are no part of
  the share. Trials of 100 s are slept for one line; for the others their share is worked out from
  the storage of a 10-s trial, and marked so;
- trials of no length at all, for a few seconds: how many a second the whole can carry.
"""

from dataclasses import dataclass
from typing import Any

from sweeper.study.study_file import StudySpec

WORKERS = (1, 4, 16, 64)
#: The workers of the lines that are measured with one number of them.
MANY = 16
#: Finished trials of a study that others have worked on for long.
FINISHED = 10_000
#: More trials than any line can do.
ENDLESS = 10**6


@dataclass(frozen=True)
class Kind:
    """A study that workers are let loose on.

    Attributes:
        name: what tables call it.
        sampler: what proposes.
        pruner: what prunes.
        finished: trials that are over before the workers come.
        held: trials that others, of whom nobody hears, train meanwhile; instead of finished ones.
    """

    name: str
    sampler: str
    pruner: str = "none"
    finished: int = 0
    held: int = 0

    @property
    def spec(self) -> StudySpec:
        """The study: ten epochs of four seeds on ten classes."""
        steps = {"step": 0.01} if self.sampler == "grid" else {}
        content: dict[str, Any] = {
            "name": "fleet",
            "dataset": "digits",
            "net": "compact",
            "loss": "combined",
            "controls": [],
            "precision": "float32",
            "epochs": 10,
            "seeds": 4,
            "n_trials": 1,
            "sampler": self.sampler,
            "pruner": self.pruner,
            "space": {
                "m2": {"low": 0.0, "high": 0.8, **steps},
                "m3": {"low": 0.0, "high": 0.5, **steps},
            },
            "fixed": {"m1": 1.0, "scale": 16.0},
        }
        return StudySpec.from_content(content, "fleet")


TPE, RANDOM, GRID = Kind("tpe", "tpe"), Kind("random", "random"), Kind("grid", "grid")
PRUNED = Kind("tpe, median pruner", "tpe", "median")
LATE = (
    Kind(f"tpe, {FINISHED:,} finished", "tpe", finished=FINISHED),
    Kind(f"random, {FINISHED:,} finished", "random", finished=FINISHED),
)
#: What one worker of a thousand pays for the others.
CROWDED = Kind("tpe, 999 other workers", "tpe", held=999)


@dataclass(frozen=True)
class Line:
    """Workers on a study: trials of so many seconds each, or of none for a few seconds.

    Attributes:
        kind: the study.
        workers: how many.
        seconds: that a trial is slept for.
        each: trials a worker, the first, which is cut short, left out.
    """

    kind: Kind
    workers: int
    seconds: float = 0.0
    each: int = 0

    @property
    def name(self) -> str:
        """What it is chosen by."""
        return f"{self.kind.name} {self.workers} {self.seconds:g}"

    @property
    def n_trials(self) -> int:
        """The budget of the study."""
        new = self.workers * (self.each + 1) if self.seconds else ENDLESS
        return self.kind.finished + new


def plan() -> list[Line]:
    """Return what is measured, the dearest last."""
    return [
        *(Line(kind, count) for kind in (TPE, RANDOM, GRID) for count in WORKERS),
        *(Line(kind, MANY) for kind in (PRUNED, *LATE)),
        Line(CROWDED, 1),
        *(Line(TPE, count, 1.0, 5) for count in WORKERS),
        *(Line(TPE, count, 10.0, 2 if count == MANY else 1) for count in WORKERS),
        *(Line(kind, MANY, 10.0, 1) for kind in (PRUNED, LATE[0])),
        Line(TPE, MANY, 100.0, 1),
    ]
