"""What others train with: margins and scales of published code, with their sources."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from sweeper.repository.plan import STARTS
from sweeper.resources import data_folder

#: How many settings of others an answer names, and the columns of `Practice.cells`.
NAMED = 3
COLUMNS_SHOWN = ("what others use", "classes", "start", "loss", "margin", "scale")


@dataclass(frozen=True)
class Practice:
    """A margin and a scale that somebody trains with: a row of ``practice.csv``.

    What is not known is None, or empty. ``practice-dictionary.csv`` beside it has all columns.

    Attributes:
        domain, data: what is told apart, and the data set trained on.
        kind: what the net takes: images, sound or text.
        start: one of `sweeper.repository.plan.STARTS`.
        num_samples: those of all classes together.
        loss: its name in sweeper, or else its paper's.
        margin: m2, in radians; m3, a cosine; or own, of a loss that has another one.
        low, high: the smallest and the largest margin, equal if it is constant; of a ramp the first
            and the last.
        varies: constant, ramp, per class or per sample.
        source, counted: where margin and scale are written, and where `num_samples` is from.
    """

    domain: str
    kind: str
    data: str
    backbone: str
    start: str
    num_classes: int | None
    num_samples: int | None
    loss: str
    margin: str
    low: float
    high: float
    varies: str
    scale: float | None
    schedule: str
    score: str
    source: str
    counted: str

    @classmethod
    def of_row(cls, row: Mapping[str, str]) -> "Practice":
        """Return a row of the table as a record.

        Raises:
            KeyError: a column is missing.
            ValueError: a number is none.
        """
        texts: dict[str, Any] = {field.name: row[field.name] for field in fields(cls)}
        whole = {n: int(row[n]) if row[n] else None for n in ("num_classes", "num_samples")}
        scale = float(row["scale"]) if row["scale"] else None
        ends = {"low": float(row["low"]), "high": float(row["high"])}
        return cls(**{**texts, **whole, **ends, "scale": scale})

    @property
    def per_class(self) -> float | None:
        """Mean number of samples of a class, or None if not known."""
        if self.num_samples is None or self.num_classes is None:
            return None
        return self.num_samples / self.num_classes

    def described(self) -> str:
        """Return the margin in words: ``m2 0.05 to 0.5 per class``."""
        name = "m" if self.margin == "own" else self.margin
        ends = f"{self.low:.2g}" + (f" to {self.high:.2g}" if self.high > self.low else "")
        return f"{name} {ends}" + ("" if self.varies == "constant" else f" {self.varies}")

    def cells(self) -> tuple[str, ...]:
        """Return a line of a table of `COLUMNS_SHOWN`."""
        classes = "–" if self.num_classes is None else f"{self.num_classes:,}"
        scale = "–" if self.scale is None else f"{self.scale:.3g}"
        what = f"{self.domain}, {self.data}"
        return (what, classes, self.start or "–", self.loss, self.described(), scale)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``sweeper recommend --format json`` prints of it.

        `m` is a number, or a list of the smallest and the largest where it is not constant.
        """
        shown = {name: getattr(self, name) for name in ("domain", "data", "loss")}
        m = self.low if self.low == self.high else [self.low, self.high]
        return {**shown, "m": m, "scale": self.scale, "source": self.source}


@cache
def practices() -> tuple[Practice, ...]:
    """Return all of the table that comes with the program, in its order."""
    path = data_folder("db") / "repository" / "practice.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(Practice.of_row(row) for row in csv.DictReader(file))


def nearest_practices(start: str, num_classes: int) -> tuple[Practice, ...]:
    """Return the `NAMED` nearest by `distance`, at most one of each data set, nearest first.

    Args:
        start: what one's net starts from, one of `sweeper.repository.plan.STARTS`.
        num_classes: C, the classes that one trains on.
    """
    of_data: dict[str, Practice] = {}
    for other in sorted(practices(), key=lambda other: distance(other, start, num_classes)):
        of_data.setdefault(other.data, other)
    return tuple(of_data.values())[:NAMED]


def distance(other: Practice, start: str, num_classes: int) -> tuple[int, bool, float]:
    """Return how far somebody's training is from one's own, to be compared part by part.

    Of one's own domain nothing is known but that a net that is trained as a whole takes images;
    frozen features may be of anything.

    Returns:
        Steps between the starts, which are in the order of how little is trained; whether their
        data are surely of another kind; |ln(their classes / C)|. What is not known of them is as
        far as can be.
    """
    steps = abs(STARTS.index(other.start) - STARTS.index(start)) if other.start else len(STARTS)
    other_kind = start != "frozen" and other.kind != "images"
    classes = math.inf
    if other.num_classes is not None:
        classes = abs(math.log(other.num_classes / num_classes))
    return steps, other_kind, classes
