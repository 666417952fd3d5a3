"""All answers on a task, and what they come to: medians, spread, ratios."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sweeper.bench.answer.clock import METHODS, USUAL, Answer
from sweeper.bench.answer.searched import CONFIRMED
from sweeper.console import count

HEADER = ["method", "seconds", "trials", "confirmation", "search ended", "times as fast as (a)"]


@dataclass(frozen=True)
class Outcome:
    """The answers of several runs on a task.

    Attributes:
        task: its name.
        goal: how many times as fast as (a) the last method is to be.
        runs: the answers of each run, in the order of `METHODS`.
    """

    task: str
    goal: float
    runs: Sequence[Sequence[Answer]]

    def of(self, method: str) -> list[Answer]:
        """Return a method's answers, one of each run."""
        return [run[METHODS.index(method)] for run in self.runs]

    def ratios(self, method: str) -> list[float]:
        """Return how many times as fast as (a) a method was in each run."""
        pairs = zip(self.of(USUAL), self.of(method), strict=True)
        return [theirs.seconds / own.seconds for theirs, own in pairs]

    def bound(self, method: str) -> str:
        """Return what stands before a method's ratio: whether it is but a bound on one side.

        Where (a) has no answer it took longer than it is counted with, and likewise a method.
        """
        misses = [not all(a.reached for a in self.of(each)) for each in (USUAL, method)]
        return {(False, False): "", (True, False): "≥ ", (False, True): "≤ "}.get(
            (misses[0], misses[1]), "~ "
        )

    def rows(self) -> list[list[str]]:
        """Return a row of a table for each method, see `HEADER`."""
        rows = []
        for method in METHODS:
            own = self.of(method)
            missed = sum(not each.reached for each in own)
            seconds = _spread([each.seconds for each in own])
            said = f"> {seconds}, no answer in {missed} of {len(own)}" if missed else seconds
            faster = f"{self.bound(method)}{_spread(self.ratios(method), '.1f')}"
            rows.append(
                [
                    method,
                    said,
                    _spread([each.trials for each in own]),
                    _spread([each.confirmation for each in own if each.reached], ".1f"),
                    _spread([each.ended for each in own]),
                    "" if method == USUAL else faster,
                ]
            )
        return rows

    def said(self) -> str:
        """Return whether the goal is met, as a sentence."""
        last = METHODS[-1]
        ratio = statistics.median(self.ratios(last))
        verdict = "met" if ratio >= self.goal else "missed"
        return (
            f"{self.task}: {last[4:]} is {self.bound(last)}{ratio:.1f} times as fast as (a), the "
            f"median of {count(len(self.runs), 'run')}; the goal of {self.goal:g} is {verdict}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values; `from_dict` reads them."""
        return {**asdict(self), "ratio": round(statistics.median(self.ratios(METHODS[-1])), 3)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Outcome":
        """Return what `to_dict` made this of."""
        runs = [
            [Answer(**{**each, "curve": [(x, y) for x, y in each["curve"]]}) for each in run]
            for run in content["runs"]
        ]
        return cls(content["task"], content["goal"], runs)


def replayed(
    found: Outcome, name: str, goal: float, seconds: Sequence[Mapping[str, float]]
) -> Outcome:
    """Return the same searches with trainings of another net, of which the time alone is known.

    With one seed: each trial is one training, and so is each setting of the confirmation. The start
    of a method counts as long as it took to the end of its first trial.

    Args:
        found: searches of a small net.
        name: of the other task.
        goal: as of `Outcome`.
        seconds: of one training, by method, in each run.
    """
    runs = []
    for run, per_training in zip(found.runs, seconds, strict=True):
        answers = []
        for each in run:
            own, start = per_training[each.method], each.curve[0][0]
            search, confirmation = start + own * each.trials, own * CONFIRMED if each.reached else 0
            answers.append(
                replace(
                    each,
                    seconds=search + confirmation,
                    confirmation=confirmation,
                    ended=start + own * each.tried,
                    curve=[],
                )
            )
        runs.append(answers)
    return Outcome(name, goal, runs)


def _spread(values: Sequence[float], digits: str = ".0f") -> str:
    """Return the median of some values, and between what they are."""
    if not values:
        return "–"
    shown = [format(value, digits) for value in (statistics.median(values), *_ends(values))]
    return f"{shown[0]} ({shown[1]} – {shown[2]})"


def _ends(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)
