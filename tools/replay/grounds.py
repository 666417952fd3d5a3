"""What is searched: measured settings of a task, or a law that follows them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import qmc

from sweeper.repository.surrogates.coordinates import FloatArray, points_of, points_with_rate
from sweeper.repository.surrogates.knowledge import Knowledge
from sweeper.study.space.default_space import default_space
from tools.replay.known import MARGINS

Params = Mapping[str, float]

#: Seeds of a trial on a law.
_SEEDS = 4


class Ground(Protocol):
    """What a search may try, and what it finds."""

    @property
    def size(self) -> int | None:
        """How many settings there are, None if any."""

    def nearest(self, params: Params, taken: Collection[tuple[float, ...]]) -> dict[str, float]:
        """Return the setting that is tried where one is proposed, no one that is taken."""

    def seen(self, params: Params, random: np.random.Generator) -> list[float]:
        """Return what each seed of a trial comes to."""

    def true(self, params: Params) -> float:
        """Return what a setting is worth, by what the search did not see."""

    @property
    def best(self) -> float:
        """What the best setting is worth, by the same."""


@dataclass(frozen=True)
class Law:
    """The surrogate of a task's own measurements: a value for every setting, and noise.

    Attributes:
        knowledge: of all tasks.
        number: of the task.
        rate: learning rate.
        noise: standard deviation of a trial's value, over its seeds.
    """

    knowledge: Knowledge
    number: int
    rate: float
    noise: float

    size = None

    def gains(self, rows: Sequence[Params]) -> FloatArray:
        """Return the gains of settings."""
        responses = self.knowledge.responses
        points = points_with_rate(pd.DataFrame(list(rows)).assign(lr=self.rate))
        compressed = responses.of_task(self.number, points, self.knowledge.stack.mean)
        return responses.compression.decompress(compressed)

    def nearest(self, params: Params, taken: Collection[tuple[float, ...]]) -> dict[str, float]:
        """Return the very setting."""
        return dict(params)

    def seen(self, params: Params, random: np.random.Generator) -> list[float]:
        """Return the gain with the noise of each seed."""
        away = random.normal(0, self.noise * _SEEDS**0.5, _SEEDS)
        return [self.true(params) + float(each) for each in away]

    def true(self, params: Params) -> float:
        """Return the gain."""
        return float(self.gains([params])[0])

    @property
    def best(self) -> float:
        """The largest gain over the space of the combined loss, of 4,096 points."""
        space = default_space("combined")
        shares = qmc.Sobol(len(space), rng=0).random(4096)
        low, high = (np.array([space[name][end] for name in space]) for end in ("low", "high"))
        log = np.array([space[name].get("log", False) for name in space])
        straight = low + shares * (high - low)
        curved = low * (high / np.where(log, low, high)) ** shares
        values = np.where(log, curved, straight).tolist()
        return float(self.gains([dict(zip(space, row, strict=True)) for row in values]).max())


@dataclass(frozen=True, eq=False)
class Pool:
    """Measured settings. What is proposed is moved to the nearest one that was not tried.

    Attributes:
        settings: columns m1, m2, m3 and scale, ``[n]``.
        told: values of the seeds that a search sees, ``[n, R]``.
        worth: what settings are worth, ``[n]``: by other seeds or by their neighbors, so that luck
            counts less than by what is told.
        best: what the best is worth, by the same.
    """

    settings: pd.DataFrame
    told: FloatArray
    worth: FloatArray
    best: float

    @property
    def size(self) -> int:
        """How many settings there are."""
        return len(self.settings)

    def nearest(self, params: Params, taken: Collection[tuple[float, ...]]) -> dict[str, float]:
        """Return the nearest setting in units of the points that is not taken.

        Raises:
            ValueError: all are.
        """
        rows = [tuple(row) for row in self.settings[MARGINS].to_numpy(float).tolist()]
        free = [k for k, row in enumerate(rows) if row not in taken]
        asked = points_of(pd.DataFrame([dict(params)]))
        chosen = free[int(cdist(asked, points_of(self.settings.iloc[free]))[0].argmin())]
        return dict(zip(MARGINS, rows[chosen], strict=True))

    def seen(self, params: Params, random: np.random.Generator) -> list[float]:
        """Return what the seeds that are told came to."""
        return [float(value) for value in self.told[self._place(params)]]

    def true(self, params: Params) -> float:
        """Return what a setting is worth."""
        return float(self.worth[self._place(params)])

    def _place(self, params: Params) -> int:
        rows = self.settings[MARGINS].to_numpy(float)
        return int((rows == [params[name] for name in MARGINS]).all(1).argmax())
