"""The baselines with which recommendations are compared on held-out tasks."""

from dataclasses import dataclass

import numpy as np

from sweeper.registry.setting import Setting
from sweeper.repository.baselines import BEST_CONSTANT, NEAREST_TASK, baselines
from sweeper.repository.evaluation.leave_one_out import HeldOut
from sweeper.repository.surrogates.design_matrix import CENTER, UNIT, FloatArray

#: The position of plain softmax, which is not among the settings with margins.
PLAIN = -1

#: A setting this close to a measured one counts as measured, in `design_matrix.UNIT`.
MEASURED = 0.1


@dataclass(frozen=True)
class BaselinePosition:
    """The measured setting nearest to a baseline on one task.

    `measured` is False if it is not the baseline itself.
    """

    position: int
    measured: bool


def compared_baselines(held: HeldOut) -> dict[str, BaselinePosition]:
    """Return all baselines by name: those that need no data, best constant, nearest task."""
    fixed = baselines(held.num_classes, held.embedding, held.lr, held.weight_decay)
    positions = {name: closest(held.points, setting) for name, setting in fixed.items()}
    best = int(held.constant.argmax())
    positions[BEST_CONSTANT] = BaselinePosition(best if held.constant[best] > 0 else PLAIN, True)
    positions[NEAREST_TASK] = closest(held.points, held.nearest)
    return positions


def recommended(held: HeldOut, surrogate: int, kappa: float) -> int:
    """Return the position of the largest lower bound, or `PLAIN` if none gains or it is too far."""
    if held.too_far:
        return PLAIN
    bound = held.mean[surrogate] - kappa * held.deviation[surrogate]
    best = int(bound.argmax())
    return best if bound[best] > 0 else PLAIN


def regret(held: HeldOut, position: int) -> float:
    """Return the gain of the best known setting minus that of the one at a position."""
    return held.best - (0.0 if position == PLAIN else float(held.measured[position]))


def closest(points: FloatArray, setting: Setting) -> BaselinePosition:
    """Return the measured setting nearest to another; plain softmax is measured on every task."""
    if setting.loss == "softmax":
        return BaselinePosition(PLAIN, True)
    point = (np.array([setting.m1, setting.m2, setting.m3, np.log(setting.scale)]) - CENTER) / UNIT
    distance = np.sqrt(((points - point) ** 2).sum(1))
    position = int(distance.argmin())
    return BaselinePosition(position, bool(distance[position] <= MEASURED))
