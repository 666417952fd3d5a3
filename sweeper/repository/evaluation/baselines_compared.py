"""What the recommendation is compared with on a task that was held out."""

from dataclasses import dataclass

import numpy as np

from sweeper.registry.setting import Setting
from sweeper.repository.baselines import BEST_CONSTANT, NEAREST_TASK, baselines
from sweeper.repository.evaluation.leave_one_out import HeldOut
from sweeper.repository.surrogates.design_matrix import CENTER, UNIT, FloatArray

#: Plain softmax stands for 'no setting with margins' wherever settings are numbered.
PLAIN = -1

#: A setting as near as this to one that was measured counts as measured, in `design_matrix.UNIT`.
MEASURED = 0.1


@dataclass(frozen=True)
class Stand:
    """Where a baseline stands on one task: the measured setting nearest to it.

    `measured` is False where that is not the baseline itself.
    """

    position: int
    measured: bool


def rivals(held: HeldOut) -> dict[str, Stand]:
    """Return every baseline by name: those that need no data, best constant, nearest task."""
    fixed = baselines(held.num_classes, held.embedding, held.lr, held.weight_decay)
    stands = {name: closest(held.points, setting) for name, setting in fixed.items()}
    best = int(held.constant.argmax())
    stands[BEST_CONSTANT] = Stand(best if held.constant[best] > 0 else PLAIN, True)
    stands[NEAREST_TASK] = closest(held.points, held.nearest)
    return stands


def recommended(held: HeldOut, surface: int, caution: float) -> int:
    """Return the position of the largest lower bound: `PLAIN` if none gains, or it is refused."""
    if held.too_far:
        return PLAIN
    bound = held.mean[surface] - caution * held.deviation[surface]
    best = int(bound.argmax())
    return best if bound[best] > 0 else PLAIN


def regret(held: HeldOut, position: int) -> float:
    """Return the gain of the best known setting less that of the one at a position."""
    return held.best - (0.0 if position == PLAIN else float(held.measured[position]))


def closest(points: FloatArray, setting: Setting) -> Stand:
    """Return the measured setting nearest to one; plain softmax was measured on every task."""
    if setting.loss == "softmax":
        return Stand(PLAIN, True)
    place = (np.array([setting.m1, setting.m2, setting.m3, np.log(setting.scale)]) - CENTER) / UNIT
    distance = np.sqrt(((points - place) ** 2).sum(1))
    position = int(distance.argmin())
    return Stand(position, bool(distance[position] <= MEASURED))
