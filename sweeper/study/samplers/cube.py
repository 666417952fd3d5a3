"""A search space as the unit cube, in which settings are drawn."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import qmc

from sweeper.registry.setting import Setting
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.study.distributions import rounded
from sweeper.study.space.dimensions import Choices, Dimension

#: Points spread over the cube, and points drawn near each of some others.
SPREAD, NEARBY = 1024, 24

#: How far points are drawn from others along an axis, and along which share of the axes.
_STEPS, _MOVED = (0.02, 0.07, 0.2), 0.6

#: The share of the spread points in which a margin is left out.
_WITHOUT = 0.25

Params = dict[str, float]


class Cube:
    """The space of a study, an axis for each hyperparameter, logarithmic where its range is."""

    def __init__(self, space: Mapping[str, Dimension]) -> None:
        self._space = space

    @property
    def names(self) -> tuple[str, ...]:
        """The hyperparameters, in the order of the axes."""
        return tuple(self._space)

    def shares(self, settings: Sequence[Params], names: Sequence[str] | None = None) -> FloatArray:
        """Return where settings stand along some of the axes, ``[n, names]``; all unless given."""
        chosen = self.names if names is None else names
        rows = [[_share(self._space[name], each[name]) for name in chosen] for each in settings]
        return np.array(rows, dtype=float).reshape(len(settings), len(chosen))

    def settings(self, shares: FloatArray) -> list[Params]:
        """Return the settings at points of the cube, ``[n, d]``."""
        return [
            rounded(
                {
                    name: _at(dimension, float(share))
                    for (name, dimension), share in zip(self._space.items(), row, strict=True)
                }
            )
            for row in shares
        ]

    def spread(self, random: np.random.Generator) -> FloatArray:
        """Return points all over the cube, ``[SPREAD, d]``, some of them without some margins."""
        points = np.asarray(qmc.Sobol(len(self._space), rng=random).random(SPREAD))
        neutral = Setting()
        for axis, name in enumerate(self.names):
            low, high = self._space[name].ends()
            if name in ("m1", "m2", "m3") and low <= neutral[name] <= high:
                without = random.random(SPREAD) < _WITHOUT
                points[without, axis] = _share(self._space[name], neutral[name])
        return points

    def nearby(self, points: FloatArray, random: np.random.Generator) -> FloatArray:
        """Return `NEARBY` points around each of some others, ``[n, d]``."""
        steps = np.resize(_STEPS, NEARBY)[None, :, None]
        shape = (len(points), NEARBY, points.shape[1])
        moved = random.random(shape) < _MOVED
        moved[~moved.any(-1)] = True  # never the point itself
        moves = random.normal(size=shape) * steps * moved
        return np.asarray(np.clip(points[:, None] + moves, 0.0, 1.0).reshape(-1, points.shape[1]))


def _share(dimension: Dimension, value: float) -> float:
    """Return how far a value is along its dimension, from 0 to 1."""
    if isinstance(dimension, Choices):
        ordered = sorted(dimension.choices)
        return (ordered.index(dimension.nearest(value)) + 0.5) / len(ordered)
    low, high = dimension.ends()
    if dimension.log:
        low, high, value = math.log(low), math.log(high), math.log(value)
    return (value - low) / (high - low)


def _at(dimension: Dimension, share: float) -> float:
    """Return the value so far along a dimension."""
    if isinstance(dimension, Choices):
        ordered = sorted(dimension.choices)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
    low, high = dimension.ends()
    if dimension.log:
        value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    else:
        value = low + share * (high - low)
    if dimension.step is not None:
        value = low + round((value - low) / dimension.step) * dimension.step
    return min(max(value, low), high)
