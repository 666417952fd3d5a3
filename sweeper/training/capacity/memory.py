"""Running out of memory, and fewer members after it."""

import gc

import torch

from sweeper.training.capacity import cache
from sweeper.training.recipe import TrainingRecipe
from sweeper.training.samples import TrainingData


def fit_fewer(data: TrainingData, recipe: TrainingRecipe, pairs: bool, members: int) -> None:
    """Remember on this machine that so many members fit and no more, and free what can be."""
    cache.keep(cache.key(data, recipe, pairs), members)
    free()


def free() -> None:
    """Give back the memory of what nothing holds on to any more."""
    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
