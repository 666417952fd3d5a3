"""What a search has tried, and when."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sweeper.registry.setting import Setting

#: So many of the best settings are confirmed, as `sweeper confirm` does.
CONFIRMED = 3


class Tried(NamedTuple):
    """A trial that has ended.

    Attributes:
        began: seconds since the epoch.
        at: when it ended.
        setting: that was trained.
        value: the mean over its seeds, on validation data; NaN of one that diverged or was stopped
            early.
    """

    began: float
    at: float
    setting: Setting
    value: float


@dataclass(frozen=True)
class Searched:
    """A search by one method.

    Attributes:
        tried: its trials, in the order in which they ended, with seconds since the clock started.
        ended: seconds until it ended.
    """

    tried: Sequence[Tried]
    ended: float

    @classmethod
    def of(cls, tried: Sequence[Tried], began: float, ended: float) -> "Searched":
        """Put trials in order, their times counted from when the clock started."""
        ordered = sorted(tried, key=lambda each: each.at)
        counted = [t._replace(began=t.began - began, at=t.at - began) for t in ordered]
        return cls(counted, ended - began)

    def best(self, at: float) -> list[Setting]:
        """Return the settings that would be confirmed at a time, the best first."""
        until = [each for each in self.tried if each.at <= at and not math.isnan(each.value)]
        ranked = sorted(until, key=lambda each: -each.value)
        return list(dict.fromkeys(each.setting for each in ranked))[:CONFIRMED]

    def moments(self) -> list[float]:
        """Return the times at which what would be confirmed changed."""
        moments: list[float] = []
        last: list[Setting] = []
        for each in self.tried:
            if (best := self.best(each.at)) != last:
                last = best
                moments.append(each.at)
        return list(dict.fromkeys(moments))

    def trials(self, at: float) -> int:
        """Return how many trials had begun before a time, and so are trained for it."""
        return sum(each.began < at for each in self.tried)
