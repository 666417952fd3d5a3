"""What a hyperparameter may be and where it is searched; those that every loss can have."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class SearchRange:
    """Where a hyperparameter is searched when nobody says.

    Attributes:
        low, high: the ends.
        grid: the points of the grid sampler.
        log: whether it is searched on a logarithmic scale.
    """

    low: float
    high: float
    grid: tuple[float, ...]
    log: bool = False


@dataclass(frozen=True)
class Hyperparameter:
    """What a hyperparameter may be.

    Attributes:
        default: what it is where nobody says.
        least: the smallest value.
        above: it must be larger than this.
        most: the largest value.
        whole: whether it is a whole number.
        search: where it is searched when nobody says, or None where it is not.
        title: of its axis in figures; its name unless given.
        by_ratio: whether its values are compared by their ratios, as on a logarithmic axis.
        shared: whether the members of one array must have the same value, since the shape of their
            weights or the course of their computation depends on it. The module takes it as an int.
        angle: whether it is an angle, in radians: what lies beyond ±π was meant in degrees.
        in_steps: whether it is a share of the training that the module takes as a number of steps.
    """

    default: float
    least: float = -math.inf
    above: float = -math.inf
    most: float = math.inf
    whole: bool = False
    search: SearchRange | None = None
    title: str = ""
    by_ratio: bool = False
    shared: bool = False
    angle: bool = False
    in_steps: bool = False

    def fault(self, value: float) -> str | None:
        """Return what is wrong with a value, to stand behind the name; None if nothing is."""
        if not math.isfinite(value):
            return f"must be a finite number, not {value}"
        if value <= self.above:
            wanted = "positive" if self.above == 0 else f"more than {self.above:g}"
            return f"must be {wanted}, not {value:g}"
        if value < self.least:
            wanted = "not be negative" if self.least == 0 else f"be at least {self.least:g}"
            return f"must {wanted}, not {value:g}"
        if value > self.most:
            return f"must be at most {self.most:g}, not {value:g}"
        if self.whole and value != round(value):
            return f"must be a whole number, not {value:g}"
        return None

    def misreading(self, value: float) -> str | None:
        """Return what a value that is allowed was probably meant to be; None if it is plausible.

        Told where somebody asks for a value. What was stored before is read as it is.
        """
        if self.angle and abs(value) > math.pi:
            radians = math.radians(value)
            return f"is in radians, from -π to π, not {value:g}; {value:g}° are {radians:.4g}"
        return None


#: The margins and the scale of the combined margin loss, at which they change nothing but the scale
#: of normalized softmax; angles in radians.
MARGINS = {
    "m1": Hyperparameter(
        1.0,
        above=0.0,
        search=SearchRange(0.9, 1.5, grid=(0.9, 1.0, 1.2, 1.5)),
        title="margin m1 (factor)",
    ),
    "m2": Hyperparameter(
        0.0,
        angle=True,
        search=SearchRange(-0.2, 0.8, grid=(-0.2, 0.0, 0.2, 0.4, 0.6, 0.8)),
        title="margin m2 (radians)",
    ),
    "m3": Hyperparameter(
        0.0,
        search=SearchRange(-0.2, 0.5, grid=(-0.2, 0.0, 0.15, 0.35, 0.5)),
        title="margin m3 (cosine)",
    ),
    "scale": Hyperparameter(
        64.0,
        above=0.0,
        search=SearchRange(2.0, 128.0, (2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0), log=True),
        title="scale s",
        by_ratio=True,
    ),
}

#: Of the optimizer. Every loss has them.
OPTIMIZER = {
    "lr": Hyperparameter(
        1e-3,
        above=0.0,
        search=SearchRange(3e-4, 3e-3, grid=(3e-4, 1e-3, 3e-3), log=True),
        title="learning rate",
        by_ratio=True,
    ),
    "weight_decay": Hyperparameter(0.0, least=0.0, title="weight decay"),
}

#: The learning rate of what the terms learn, which has an Adam of its own (La Grassa et al. 2020).
#: Where it is not given, it is `lr`.
TERM_LR = {
    "term_lr": Hyperparameter(1e-3, above=0.0, title="learning rate of terms", by_ratio=True)
}

#: Of losses and terms of pairs or triplets: the margin between distances, in their units. Those of
#: triplets are squared distances at unit length, 2 at a right angle. Schroff et al. 2015, section
#: 3.1, have 0.2.
TRIPLET_MARGIN = Hyperparameter(
    0.2, least=0.0, search=SearchRange(0.02, 1.0, (0.05, 0.1, 0.2, 0.5, 1.0), log=True)
)
#: Of distances, not of their squares: these reach 2. Hadsell et al. 2006 have 1.
CONTRASTIVE_MARGIN = Hyperparameter(
    1.0, least=0.0, search=SearchRange(0.1, 2.0, (0.1, 0.2, 0.5, 1.0, 1.5, 2.0), log=True)
)
