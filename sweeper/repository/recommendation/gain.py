"""Predicted gains with their intervals."""

import math
from dataclasses import asdict, dataclass

from sweeper.registry.setting import Setting


@dataclass(frozen=True)
class Gain:
    """A predicted gain over plain softmax: mean, and bounds of the 90 % interval."""

    mean: float
    low: float
    high: float

    def __add__(self, other: "Gain") -> "Gain":
        """Return the gain of two changes together, whose errors are independent."""
        mean = self.mean + other.mean
        below = math.hypot(self.mean - self.low, other.mean - other.low)
        above = math.hypot(self.high - self.mean, other.high - other.mean)
        return Gain(mean, mean - below, mean + above)

    def to_dict(self) -> dict[str, float]:
        """Return what ``sweeper recommend --format json`` prints of it."""
        return asdict(self)


#: That of plain softmax, and of no term.
NO_GAIN = Gain(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class LossGain:
    """The best setting of a loss, and its gain over plain softmax.

    A loss includes those that are special cases of it, so that a setting without margins may be the
    best of ArcFace.
    """

    setting: Setting
    gain: Gain
