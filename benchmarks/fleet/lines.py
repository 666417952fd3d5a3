"""The lines that are run: studies, numbers of workers and lengths of trials.

Every line is a separate study in a separate database:

- trials of realistic length: storage per trial and its share of a worker's time. A worker's first
  trial is shortened at random, so that they do not all finish at the same moment; it and joining do
  not count. Trials of 100 s sleep in one line; in the others their share is extrapolated from the
  storage of a 10-s trial, and marked so;
- trials of zero length, for a few seconds: the highest rate that the system sustains.
"""

from dataclasses import dataclass
from typing import Any

from sweeper.study.study_file import StudySpec

WORKERS = (1, 4, 16, 64)
#: The number of workers in lines measured with only one number.
MANY = 16
#: The number of finished trials in studies with a long history.
FINISHED = 10_000
#: More trials than any line can finish.
ENDLESS = 10**6


@dataclass(frozen=True)
class Kind:
    """A kind of study.

    Attributes:
        name: as shown in tables.
        sampler: its sampler.
        pruner: its pruner.
        finished: number of trials finished before the workers start.
        held: number of trials held by idle workers, instead of finished ones.
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
#: The cost of 999 other workers for one worker.
CROWDED = Kind("tpe, 999 other workers", "tpe", held=999)


@dataclass(frozen=True)
class Line:
    """Workers on a study, with trials of a given length, or of zero length for a few seconds.

    Attributes:
        kind: the study.
        workers: number of workers.
        seconds: sleep per trial.
        each: trials per worker, without the shortened first one.
    """

    kind: Kind
    workers: int
    seconds: float = 0.0
    each: int = 0

    @property
    def name(self) -> str:
        """The name by which ``--only`` selects it."""
        return f"{self.kind.name} {self.workers} {self.seconds:g}"

    @property
    def n_trials(self) -> int:
        """The budget of the study."""
        new = self.workers * (self.each + 1) if self.seconds else ENDLESS
        return self.kind.finished + new


def plan() -> list[Line]:
    """Return all lines, the most expensive last."""
    return [
        *(Line(kind, count) for kind in (TPE, RANDOM, GRID) for count in WORKERS),
        *(Line(kind, MANY) for kind in (PRUNED, *LATE)),
        Line(CROWDED, 1),
        *(Line(TPE, count, 1.0, 5) for count in WORKERS),
        *(Line(TPE, count, 10.0, 2 if count == MANY else 1) for count in WORKERS),
        *(Line(kind, MANY, 10.0, 1) for kind in (PRUNED, LATE[0])),
        Line(TPE, MANY, 100.0, 1),
    ]
