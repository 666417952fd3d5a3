"""A claim of a source: one record each, in `sweeper.report.page.claims.records`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choice:
    """Settings of a study.

    Attributes:
        study: its name.
        losses: the loss with its terms, as ``softmax + center``.
        at: hyperparameters by name; of the settings that have these values the best is taken, see
            `sweeper.report.page.reported.best_by_validation`.
    """

    study: str
    losses: str
    at: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Better:
    """One is better than another; `published` is by how much, in the measure's own unit."""

    one: Choice
    other: Choice
    published: float | None = None


@dataclass(frozen=True)
class Best:
    """One is the best; each of the others is compared with it."""

    one: Choice
    others: tuple[Choice, ...]


@dataclass(frozen=True)
class Level:
    """Both are as good, up to a difference in the measure's own unit that does not count."""

    one: Choice
    other: Choice
    within: float


@dataclass(frozen=True)
class AnyDiffers:
    """Some settings of a loss differ; `published` is the largest difference that is read."""

    of: Choice
    published: float


@dataclass(frozen=True)
class Falls:
    """What a loss reports of each class is smaller after the last epoch than after the first."""

    of: Choice
    curve: str


@dataclass(frozen=True)
class BetterAtEqualAccuracy:
    """One term is better than another where neither costs accuracy.

    Both are choices of all λ of a loss with one term; `plain` is the loss without it. See
    `sweeper.report.page.claims.equal_accuracy`.
    """

    one: Choice
    other: Choice
    plain: Choice


Rule = Better | Best | Level | AnyDiffers | Falls | BetterAtEqualAccuracy


@dataclass(frozen=True)
class Claim:
    """What a source says, and how it is judged.

    Attributes:
        source: the text, as author and year.
        place: where in it.
        text: what it says, in our words.
        measure: what is compared: an objective, or `plain_spread` or `spread`, the mean over the
            classes.
        rule: how it is judged.
        stand_in: what stands in for the source's data; empty where they are the source's own.
    """

    source: str
    place: str
    text: str
    measure: str
    rule: Rule
    stand_in: str = ""

    @property
    def studies(self) -> tuple[str, ...]:
        """The studies that it needs."""
        match self.rule:
            case Better(one, other) | Level(one, other):
                names = [one.study, other.study]
            case Best(one, others):
                names = [one.study, *(each.study for each in others)]
            case AnyDiffers(of) | Falls(of):
                names = [of.study]
            case BetterAtEqualAccuracy(one, other, plain):
                names = [one.study, other.study, plain.study]
        return tuple(dict.fromkeys(names))
