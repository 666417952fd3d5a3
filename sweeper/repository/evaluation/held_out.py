"""A task that is held out: what was measured on it, and how good it is to try some settings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.special import comb

from sweeper.registry.setting import Setting
from sweeper.repository.surrogates.coordinates import FloatArray, points_of

#: A setting this close to a measured one counts as measured, in `coordinates.UNIT`.
MEASURED = 0.1

_MARGINS = ["m1", "m2", "m3", "scale"]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """One task with its settings at the rate of most of them, and plain softmax as the last.

    Attributes:
        task: its row.
        settings: those with margins, one row each, n - 1 of them.
        gain, se: gains over plain softmax at its best rate, and standard errors, ``[n]``.
        half_a, half_b: the gains on either half of the seeds, ``[n]``.
        tuned: whether plain softmax was trained at several rates.
    """

    task: pd.DataFrame
    settings: pd.DataFrame
    gain: FloatArray
    se: FloatArray
    half_a: FloatArray
    half_b: FloatArray
    tuned: bool

    @classmethod
    def of(cls, task: pd.DataFrame, gains: pd.DataFrame) -> "HeldOut | None":
        """Return a task, or None unless its settings and plain softmax have two seeds.

        Args:
            task: its row.
            gains: of all of its settings, see `gains.best_rate_gains`.
        """
        plain = gains[gains["loss"] == "softmax"].sort_values(["gain", "lr"]).tail(1)
        margins = gains[(gains["loss"] != "softmax") & gains["is_main"]]
        margins = margins.drop_duplicates(_MARGINS)
        rows = pd.concat([margins[margins["gain_a"].notna()], plain])
        halves = rows[["gain_a", "gain_b"]].to_numpy(float)
        if len(rows) < 2 or not np.isfinite(halves).all():
            return None
        return cls(
            task,
            rows.iloc[:-1].reset_index(drop=True),
            rows["gain"].to_numpy(float),
            rows["se"].to_numpy(float),
            halves[:, 0],
            halves[:, 1],
            gains.loc[gains["loss"] == "softmax", "lr"].nunique() > 1,
        )

    @property
    def plain(self) -> int:
        """The position of plain softmax."""
        return len(self.settings)

    @property
    def best(self) -> float:
        """The gain of the best known setting, see `reached`."""
        return self.reached(range(len(self.gain)))

    def reached(self, tried: Sequence[int]) -> float:
        """Return the gain of the best of some settings, chosen on half of the seeds.

        It is scored on the other half, so that luck does not count; the average of both ways.
        """
        a, b = self.half_a[list(tried)], self.half_b[list(tried)]
        return float((b[a.argmax()] + a[b.argmax()]) / 2)

    def regret(self, tried: Sequence[int]) -> float:
        """Return the gain of the best known setting less that of the best of those tried."""
        return self.best - self.reached(tried)

    def random_regret(self, number: int) -> float:
        """Return the expected regret of a random search of so many of the settings with margins.

        Exact: each setting is the best tried if none better was drawn.
        """
        total = len(self.settings)
        number = min(number, total)
        lower = np.arange(total - 1, -1, -1)
        chance = comb(lower, number - 1) / comb(total, number)
        a, b = self.half_a[:-1], self.half_b[:-1]
        reached = [
            float(chance @ score[(-by).argsort(kind="stable")]) for by, score in ((a, b), (b, a))
        ]
        return self.best - float(np.mean(reached))

    def closest(self, setting: Setting) -> tuple[int, bool]:
        """Return the position of the measured setting nearest to another, and whether it is that.

        Plain softmax was measured on every task.
        """
        if setting.loss == "softmax":
            return self.plain, True
        point = points_of(pd.DataFrame([{name: getattr(setting, name) for name in _MARGINS}]))
        distance = cdist(point, points_of(self.settings))[0]
        position = int(distance.argmin())
        return position, bool(distance[position] <= MEASURED)
