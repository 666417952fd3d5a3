"""What did not fit into the memory: fewer members train together, also in later studies."""

import logging
from collections.abc import Sequence

import torch

from sweeper.errors import SweeperError
from sweeper.training import TrainingData, compare_pairs, fit_fewer, fitting_members
from sweeper.training.capacity import cache
from sweeper.worker.batch.batch_trainer import BatchTrainer
from sweeper.worker.grouping import Batch
from sweeper.worker.queue.claimed_trial import ClaimedTrial

logger = logging.getLogger(__name__)


def tried_members(trainer: BatchTrainer[ClaimedTrial]) -> int:
    """Return how many members trained together, or would have: the array may be too large to make.

    Another worker may have halved what is remembered meanwhile, so the array itself is asked first.
    """
    return trainer.members or expected_members(trainer.data, trainer.trials)


def expected_members(data: TrainingData, trials: Sequence[ClaimedTrial]) -> int:
    """Return how many members an array of these trials has, see `TrainerGroup`."""
    spec, settings = trials[0].spec, [trial.setting for trial in trials]
    fitting = fitting_members(data, spec.recipe, compare_pairs(settings))
    return len(trials) * min(spec.seeds, max(1, fitting // len(trials)))


def smaller_batches(
    trials: Sequence[ClaimedTrial], members: int, data: TrainingData, device: torch.device
) -> list[Batch]:
    """Return trials in batches that have room for so many members, from their start.

    That no more of them fit is remembered on this machine.
    """
    spec, settings = trials[0].spec, [trial.setting for trial in trials]
    fit_fewer(data, spec.recipe, compare_pairs(settings), members)
    logger.warning(
        "out of memory on %s: from now on %s, also in later studies, until %s is deleted",
        device,
        "each member trains alone" if members == 1 else f"{members} members train together",
        cache.MEMBERS.file,
    )
    starts = range(0, len(trials), members)
    return [Batch(list(trials[start : start + members])) for start in starts]


def too_large(device: torch.device) -> SweeperError:
    """Return what is raised where not even one member fits."""
    return SweeperError(
        f"one trial with one seed does not fit into the memory of {device}; "
        "choose a smaller batch_size or net"
    )
