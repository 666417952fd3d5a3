"""What decides at a rung that a trial is not worth going on with, by name.

A trial is reported at its rungs alone, with the epoch as the step.
"""

from collections.abc import Callable

from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    SuccessiveHalvingPruner,
)

from sweeper.errors import unknown
from sweeper.registry.lookup import resolve
from sweeper.registry.pruners import PRUNERS
from sweeper.study.study_file import StudySpec


def make_pruner(spec: StudySpec) -> BasePruner:
    """Return the pruner of a study, its steps fitted to the rungs.

    Raises:
        UsageError: when there is no such pruner.
    """
    if spec.pruner not in PRUNERS:
        raise unknown("pruner", spec.pruner, PRUNERS)
    make: Callable[[StudySpec], BasePruner] = resolve(PRUNERS[spec.pruner].maker)
    return make(spec)


def make_none(spec: StudySpec) -> BasePruner:
    """Return what prunes nothing."""
    return NopPruner()


def make_median(spec: StudySpec) -> BasePruner:
    """Return what prunes below the median at a rung."""
    return MedianPruner()


def make_halving(spec: StudySpec) -> BasePruner:
    """Return successive halving from the first rung on."""
    return SuccessiveHalvingPruner(
        min_resource=spec.rungs[0], reduction_factor=reduction_factor(spec.rungs)
    )


def make_hyperband(spec: StudySpec) -> BasePruner:
    """Return Hyperband from the first rung to the last epoch."""
    return HyperbandPruner(
        min_resource=spec.rungs[0],
        max_resource=spec.epochs,
        reduction_factor=reduction_factor(spec.rungs),
    )


def reduction_factor(rungs: tuple[int, ...]) -> int:
    """Return the mean ratio of a rung to the one before, at least 2.

    The halving pruners both expect the rungs at this ratio and keep one trial in so many.
    """
    steps = len(rungs) - 1
    return max(2, round((rungs[-1] / rungs[0]) ** (1 / steps))) if steps else 2
