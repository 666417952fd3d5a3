"""Recommendations, as Python objects, JSON and text."""

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sweeper.registry.setting import Setting
from sweeper.repository.objectives import regret_shown, shown
from sweeper.repository.plan import Plan
from sweeper.repository.practice import COLUMNS_SHOWN, Practice, nearest_practices
from sweeper.repository.recommendation.expressible import simplest
from sweeper.repository.recommendation.gain import Gain, LossGain
from sweeper.repository.recommendation.setting_json import setting_to_json
from sweeper.repository.recommendation.term_advice import TermAdvice

if TYPE_CHECKING:
    from torch import nn

#: Why a setting is listed that may be far worse by itself.
WHY_LISTED = (
    "each further one is for data on which those before it fail, as some known tasks are best with "
    "no margin or a small learning rate; by itself it may be much worse than the first"
)


@dataclass(frozen=True)
class Profile:
    """The predicted gain over plain softmax along one margin or the scale, all else fixed.

    Attributes:
        values: ascending values of the margin or the scale; m2 in radians.
        mean: predicted gain at each, in the unit of `Recommendation.gain`.
        low, high: bounds of the 90 % interval at each.
    """

    values: tuple[float, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class ToTry:
    """A setting of the shortlist, and the regret expected after trying it and those before it.

    The regret is None where nothing is known.
    """

    setting: Setting
    regret: float | None


@dataclass(frozen=True)
class Neighbor:
    """A known task, its distance, and its best measured setting."""

    task: str
    distance: float
    best: Setting


@dataclass(frozen=True)
class Baseline:
    """A baseline and its predicted gain, or None if nothing similar was ever measured."""

    name: str
    setting: Setting
    predicted: float | None


@dataclass(frozen=True)
class Recommendation:
    """A recommended setting with its predicted gain and context.

    Attributes:
        objective: accuracy, retrieval or compactness.
        known: False if the data set is too far from all known tasks; the setting then has the
            smallest regret over those of its start, and `sweep` is the command to run.
        setting: the recommended hyperparameters.
        gain: gain over plain softmax at its best learning rate: a difference for shares, the
            logarithm of the ratio for compactness; higher is better.
        as_good: for each margin and the scale the range that is as good within seed noise, with
            everything else as recommended; empty for plain softmax.
        noise: how much less predicted gain still counts as that, in the unit of `gain`.
        nearest: the nearest known tasks, one per data set.
        baselines: all baselines.
        notes: further notes, one sentence each.
        sweep: the command that would find the best setting.
        plan: the training that was asked about.
        shortlist: the settings to try first, in order, beginning with `setting`.
        profiles: the predicted gain along each margin and the scale, with everything else as
            recommended, as far as settings nearby were measured; empty for plain softmax.
        losses: the best setting of each loss that the repository knows, the largest gain first.
        terms: for each term that was asked for, its λ beside the recommended loss.
        any_loss: whether the loss was part of the question.
        is_predicted: whether gains are predicted for this task; else they are means over all known
            ones, or over those with its start.
    """

    objective: str
    known: bool
    setting: Setting
    gain: Gain
    as_good: Mapping[str, tuple[float, float]]
    nearest: tuple[Neighbor, ...]
    baselines: tuple[Baseline, ...]
    notes: tuple[str, ...]
    sweep: str
    plan: Plan
    shortlist: tuple[ToTry, ...] = ()
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    losses: tuple[LossGain, ...] = ()
    terms: tuple[TermAdvice, ...] = ()
    any_loss: bool = False
    is_predicted: bool = True
    noise: float = 0.0

    @property
    def warm_starts(self) -> tuple[Setting, ...]:
        """The settings of the shortlist with something to search, which a search tries first."""
        settings = (each.setting for each in self.shortlist)
        return tuple(each for each in settings if each.loss != "softmax" or each.terms)

    @property
    def common_name(self) -> str:
        """The simplest loss that can express the recommended setting: arcface with m2 alone."""
        return simplest(self.setting).loss

    @property
    def gains_called(self) -> str:
        """What a column of gains is."""
        return "predicted gain" if self.is_predicted else "mean gain over known tasks"

    def described(self, setting: Setting) -> str:
        """Return a setting in a phrase, with its learning rate where none was given."""
        rate = "" if "lr" in self.plan.given else f", lr {setting.lr:g}"
        return setting.describe() + rate

    @property
    def cost(self) -> float:
        """How much more is expected of the best of all losses, in the unit of `gain`."""
        best = max((each.gain.mean for each in self.losses), default=self.gain.mean)
        # What remains of nothing is rounding.
        return max(0.0, round(best - self.gain.mean, 12))

    @property
    def practice(self) -> tuple[Practice, ...]:
        """What others train with: those nearest by start, kind of data and number of classes."""
        return nearest_practices(self.plan.start, self.plan.num_classes)

    def loss(self, num_classes: int, embedding_size: int) -> "nn.Module":
        """Return the recommended loss with its own class weights, for any training loop.

        Args:
            num_classes: C, at least 2.
            embedding_size: d.

        Returns:
            The module of `sweeper.losses.make_loss`.

        Raises:
            ValueError: a size is too small.
        """
        from sweeper.losses import make_loss

        return make_loss(self.setting, num_classes, embedding_size)

    def to_json(self) -> str:
        """Return one JSON object, as printed by `sweeper recommend --format json`."""
        content = {
            "objective": self.objective,
            "plan": self.plan.to_dict(),
            "known": self.known,
            "notes": list(self.notes),
            "recommended": self._with_asked(self.setting),
            "shortlist": [
                {**self._with_asked(t.setting), "regret": t.regret} for t in self.shortlist
            ],
            "gain": self.gain.to_dict(),
            "common_name": self.common_name,
            "cost": self.cost,
            "losses": [
                {**setting_to_json(each.setting), "gain": each.gain.to_dict()}
                for each in self.losses
            ],
            "terms": [each.to_dict() for each in self.terms],
            "as_good": {name: list(ends) for name, ends in self.as_good.items()},
            "nearest": [
                {"task": n.task, "distance": n.distance, "best": setting_to_json(n.best)}
                for n in self.nearest
            ],
            "practice": [other.to_dict() for other in self.practice],
            "baselines": [
                {"name": b.name, "setting": setting_to_json(b.setting), "predicted": b.predicted}
                for b in self.baselines
            ],
        }
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)

    def _with_asked(self, setting: Setting) -> dict[str, Any]:
        """Return a setting as JSON has it, with λ = 0 of terms asked for that it does not have."""
        content = setting_to_json(setting)
        content["terms"] = dict.fromkeys((each.term for each in self.terms), 0.0) | content["terms"]
        if len(content["terms"]) == 1:
            (content["lambda"],) = content["terms"].values()
        return content

    def _of_losses(self) -> list[str]:
        """Return what the losses gain in comparison, in a line or two."""
        lines = []
        if self.common_name != self.setting.loss:
            lines.append(f"  the same as              {simplest(self.setting).describe()}")
        more = shown(self.objective, self.cost).lstrip("+")
        if float(more.split()[0]) > 0:
            best = self.described(simplest(self.losses[0].setting))
            lines.append(f"  best of all losses       {best}: {more} more")
        return lines

    @property
    def _dash(self) -> str:
        """What a dash in place of a baseline's gain means, where there is one."""
        missing = any(each.predicted is None for each in self.baselines)
        return " (–: nothing like it was measured)" if missing else ""

    def _loss_cells(self, each: LossGain) -> tuple[str, ...]:
        mean = shown(self.objective, each.gain.mean)
        ends = shown(self.objective, each.gain.low, each.gain.high)
        return (each.setting.describe(), f"{each.setting.lr:g}", mean, ends)

    def __str__(self) -> str:
        lines = [f"{self.objective}: {self.described(self.setting)}"]
        if self.setting.loss != "softmax" or self.setting.terms:
            mean = shown(self.objective, self.gain.mean)
            ends = shown(self.objective, self.gain.low, self.gain.high)
            rate = "" if "lr" in self.plan.given else f" at lr {self.setting.lr:g}"
            lines.append(f"  gain over plain softmax  {mean}{rate}, 90 % interval {ends}")
        lines += self._of_losses()
        for each in self.terms:
            first, *rest = each.lines(self.objective)
            for line in (f"  {each.term:23}  {first}", *(f"{'':27}{more}" for more in rest)):
                lines += textwrap.wrap(line, 98, subsequent_indent=" " * 27)
        if self.as_good:
            ranges = (f"{k} {low:.3g} to {high:.3g}" for k, (low, high) in self.as_good.items())
            lines.append(f"  as good within noise     {', '.join(ranges)}")
            less = regret_shown(self.objective, self.noise)
            lines.append(f"{'':27}(at most {less} less: what seeds alone make of it)")
        lines += textwrap.wrap(
            f"for: {self.plan}", 98, initial_indent="  ", subsequent_indent="    "
        )
        lines.extend(f"  {note}" for note in self.notes)
        if len(self.shortlist) > 1:
            tried = [
                (
                    f"{number}. {each.setting.describe()}",
                    f"{each.setting.lr:g}",
                    "–" if each.regret is None else regret_shown(self.objective, each.regret),
                )
                for number, each in enumerate(self.shortlist, start=1)
            ]
            header = ("shortlist: try in this order", "lr", "best so far falls short by")
            lines += _table(header, tried)
            lines += textwrap.wrap(
                WHY_LISTED, 98, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
            )
        if self.any_loss and self.losses:
            lines += _table(
                ("each loss at its best", "lr", self.gains_called, "90 % interval"),
                [self._loss_cells(each) for each in self.losses],
            )
        if self.nearest:
            rows = [
                (_name(n.task), f"{n.distance:.2f}", n.best.describe(), f"{n.best.lr:g}")
                for n in self.nearest
            ]
            lines += _table(("nearest known task", "distance", "its best", "lr"), rows)
        lines += _table(COLUMNS_SHOWN, [other.cells() for other in self.practice])
        if self.baselines:
            lines += _table(
                ("baseline", "lr", self.gains_called + self._dash),
                [
                    (
                        b.name,
                        f"{b.setting.lr:g}",
                        "–" if b.predicted is None else shown(self.objective, b.predicted),
                    )
                    for b in self.baselines
                ],
            )
        return "\n".join(lines)


def _name(task: str) -> str:
    """Return a task's id without the digits that tell it from others of its name."""
    return task.rpartition(" #")[0] or task


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *rows)
    )
    return ["", *(f"  {line}" for line in lines)]
