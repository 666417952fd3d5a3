"""What decides at a rung that a trial is not worth going on with, by name.

A trial is reported at its rungs alone, with the epoch as the step.
"""

from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    SuccessiveHalvingPruner,
)

from sweeper.errors import unknown
from sweeper.study.study_file import StudySpec
from sweeper.study.vocabulary import PRUNERS


def make_pruner(spec: StudySpec) -> BasePruner:
    """Return the pruner of a study, its steps fitted to the rungs.

    Raises:
        UsageError: when there is no such pruner.
    """
    if spec.pruner == "none":
        return NopPruner()
    if spec.pruner == "median":
        return MedianPruner()
    first, factor = spec.rungs[0], reduction_factor(spec.rungs)
    if spec.pruner == "halving":
        return SuccessiveHalvingPruner(min_resource=first, reduction_factor=factor)
    if spec.pruner == "hyperband":
        return HyperbandPruner(
            min_resource=first, max_resource=spec.epochs, reduction_factor=factor
        )
    raise unknown("pruner", spec.pruner, PRUNERS)


def reduction_factor(rungs: tuple[int, ...]) -> int:
    """Return the mean ratio of a rung to the one before, at least 2.

    The halving pruners both expect the rungs at this ratio and keep one trial in so many.
    """
    steps = len(rungs) - 1
    return max(2, round((rungs[-1] / rungs[0]) ** (1 / steps))) if steps else 2
