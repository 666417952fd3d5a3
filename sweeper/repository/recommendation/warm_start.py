"""Warm starts: the settings that a search on a new data set should try first."""

from collections.abc import Iterable

import numpy as np

from sweeper.registry.setting import Setting, paper_default
from sweeper.repository.baselines import BEST_CONSTANT, FORMULAS
from sweeper.repository.recommendation.expressible import expressed, is_expressible
from sweeper.repository.recommendation.query import row_of
from sweeper.repository.recommendation.recommendation import Baseline, Neighbor
from sweeper.repository.surrogates.design_matrix import points_of

#: Maximum number, so that the sampler still explores.
MAX_STARTS = 4

#: Settings closer than this count as equal, in `design_matrix.UNIT`.
MIN_DISTANCE = 0.3


def warm_starts_from_repository(
    recommended: Setting,
    nearest: Iterable[Neighbor],
    baselines: Iterable[Baseline],
    loss: str,
) -> tuple[Setting, ...]:
    """Return the warm starts from a repository that covers the data set.

    The recommended setting, the best constant, the nearest tasks' best, then the baselines with the
    largest predicted gains: distinct settings of the loss with margins or a scale.
    """
    compared = list(baselines)
    predicted = [b for b in compared if b.predicted is not None]
    ranked = sorted(predicted, key=lambda b: -(b.predicted or 0.0))
    return _distinct(
        [
            recommended,
            *(b.setting for b in compared if b.name == BEST_CONSTANT),
            *(neighbor.best for neighbor in nearest),
            *(b.setting for b in ranked),
        ],
        loss,
    )


def warm_starts_from_formulas(baselines: Iterable[Baseline], loss: str) -> tuple[Setting, ...]:
    """Return the warm starts without any known task nearby: formulas, and the paper's default."""
    formulas = (b.setting for b in baselines if b.name in FORMULAS)
    return _distinct([*formulas, paper_default(loss)], loss)


def _distinct(settings: Iterable[Setting], loss: str) -> tuple[Setting, ...]:
    kept: list[Setting] = []
    for setting in settings:
        if setting.loss == "softmax" or loss == "softmax" or not is_expressible(setting, loss):
            continue
        if all(_distance(setting, other) >= MIN_DISTANCE for other in kept):
            kept.append(expressed(setting, loss))
    return tuple(kept[:MAX_STARTS])


def _distance(left: Setting, right: Setting) -> float:
    return float(np.linalg.norm(points_of(row_of(left)) - points_of(row_of(right))))
