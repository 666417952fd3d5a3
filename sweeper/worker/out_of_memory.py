"""What did not fit into the memory: fewer members train together, also in later studies."""

import logging
from collections.abc import Sequence

import torch

from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.study.study_file import StudySpec
from sweeper.training import TrainingData, compare_pairs, fit_fewer, fitting_members
from sweeper.training.capacity import cache
from sweeper.worker.batches import Batch
from sweeper.worker.queue.claimed_trial import ClaimedTrial

logger = logging.getLogger(__name__)


def expected_members(spec: StudySpec, data: TrainingData, settings: Sequence[Setting]) -> int:
    """Return how many members an array of these settings has, see `TrainerGroup`."""
    fitting = fitting_members(data, spec.recipe, compare_pairs(settings))
    return len(settings) * min(spec.seeds, max(1, fitting // len(settings)))


def remember(
    spec: StudySpec,
    data: TrainingData,
    settings: Sequence[Setting],
    members: int,
    device: torch.device,
) -> None:
    """Remember on this machine that no more than so many members fit, and say so."""
    fit_fewer(data, spec.recipe, compare_pairs(settings), members)
    logger.warning(
        "out of memory on %s: from now on %s, also in later studies, until %s is deleted",
        device,
        "each member trains alone" if members == 1 else f"{members} members train together",
        cache.file(),
    )


def smaller_batches(trials: Sequence[ClaimedTrial], members: int) -> list[Batch]:
    """Return trials in batches of so many, from their start."""
    return [
        Batch(list(trials[first : first + members])) for first in range(0, len(trials), members)
    ]


def too_large(device: torch.device) -> SweeperError:
    """Return what is raised where not even one member fits."""
    return SweeperError(
        f"one trial with one seed does not fit into the memory of {device}; "
        "choose a smaller batch_size or net"
    )
