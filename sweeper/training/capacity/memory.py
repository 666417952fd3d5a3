"""Running out of memory, and fewer members after it."""

import gc

import torch

from sweeper.training.capacity import cache
from sweeper.training.recipe import TrainingRecipe
from sweeper.training.samples import TrainingData


def fit_fewer(data: TrainingData, recipe: TrainingRecipe, pairs: bool, members: int) -> None:
    """Remember on this machine that no more than so many members fit, and free memory."""
    cache.MEMBERS.keep(cache.key(data, recipe, pairs), members)
    free()


def free() -> None:
    """Give unused memory back to the system and the device."""
    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
