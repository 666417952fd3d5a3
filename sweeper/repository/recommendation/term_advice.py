"""What is known of a term beside a loss, in words and as JSON has it."""

import math
from dataclasses import dataclass
from typing import Any

from sweeper.console import count
from sweeper.registry.setting import Setting
from sweeper.repository.objectives import shown
from sweeper.repository.recommendation.gain import NO_GAIN, Gain


@dataclass(frozen=True)
class TermAdvice:
    """The recommended λ of a term beside a loss, and the expected gain of every λ.

    Attributes:
        term: name of the term.
        loss: of the loss that it stands beside: softmax, or the margin loss it was measured with.
        known: False if the task is unlike all that the term was measured on, or it was measured
            nowhere; λ is then the one with the smallest regret over all of them.
        lambda_: the recommended λ, 0 for none.
        best: the λ with the largest expected gain, whether or not that is worth a term; None if it
            was measured nowhere.
        gains: expected gain of each λ over the loss alone, by λ.
        measured: the loss alone, as it was measured; None if it was not.
        tasks, sources: how many it was measured on.
        to_try: which λ to try in order, 0 for none, each with the regret expected after it.
        outdone_by: the term that is recommended in place of this one, of which less is expected.
    """

    term: str
    loss: str
    known: bool = False
    lambda_: float = 0.0
    best: float | None = None
    gains: tuple[tuple[float, Gain], ...] = ()
    measured: Setting | None = None
    tasks: int = 0
    sources: int = 0
    to_try: tuple[tuple[float, float], ...] = ()
    outdone_by: str = ""

    @property
    def gain(self) -> Gain:
        """The expected gain of the recommended λ over the loss alone."""
        return self.gain_of(self.lambda_)

    def gain_of(self, value: float) -> Gain:
        """Return the expected gain of a λ that was measured; none of 0."""
        return NO_GAIN if value == 0 else dict(self.gains)[value]

    @property
    def most(self) -> float:
        """The largest expected gain of any λ."""
        return max((gain.mean for _, gain in self.gains), default=-math.inf)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``sweeper recommend --format json`` prints of it."""
        about = {name: getattr(self, name) for name in ("term", "loss", "known")}
        of_each = [{"lambda": each, "gain": gain.to_dict()} for each, gain in self.gains]
        numbers = {"lambda": self.lambda_, "helps": self.lambda_ > 0, "best": self.best}
        return {**about, **numbers, "gains": of_each, "tasks": self.tasks, "sources": self.sources}

    def lines(self, objective: str) -> list[str]:
        """Return the advice in words, one sentence each, the first without the term's name."""
        if self.measured is None or self.best is None:
            alone = "plain softmax" if self.loss == "softmax" else "a loss with margins"
            return [f"none (λ = 0): too little was measured beside {alone} to expect any gain"]
        alone = self.measured.describe()
        expected = dict(self.gains)[self.best]
        gain = (
            f"{shown(objective, expected.mean)}, 90 % interval "
            f"{shown(objective, expected.low, expected.high)}"
        )
        if self.lambda_ > 0:
            said = [f"λ = {self.lambda_:g}: {gain} over {alone} alone"]
        elif self.outdone_by:
            said = [
                f"none (λ = 0) beside {self.outdone_by}, of which more is expected, and two terms "
                f"were never measured together; by itself λ = {self.best:g}: {gain} over {alone} "
                "alone"
            ]
        else:
            said = [
                "none (λ = 0): no gain beyond noise is expected; "
                f"the best λ is {self.best:g}: {gain} over {alone} alone"
            ]
        said.append(
            f"measured beside {alone} at lr {self.measured.lr:g}, on {count(self.tasks, 'task')} "
            f"of {count(self.sources, 'source')}"
        )
        return said
