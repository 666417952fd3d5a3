"""How many members one array should have on a device."""

import torch
from torch import Tensor, nn

from sweeper import models
from sweeper.training.capacity import cache
from sweeper.training.recipe import TrainingRecipe
from sweeper.training.samples import TrainingData

#: Bytes that the largest activation of a whole array may take. A CPU slows down once it leaves the
#: cache; a GPU is bound by launches and takes as much as its memory holds many times over.
_BYTES = {"cpu": 2**24, "cuda": 2**30}

#: Bytes that a pair of samples takes in the most thirsty of the losses, measured.
_OF_A_PAIR = 50


def fitting_members(data: TrainingData, recipe: TrainingRecipe, pairs: bool = False) -> int:
    """Return how many members to train together: what was measured on this machine, or a guess.

    The guess takes as many as keep the largest layer in the cache, see `measured_members` for the
    measurement. With `pairs` there is a loss or a term that compares the samples of a batch with
    one another.
    """
    what = cache.key(data, recipe, pairs)
    return int(cache.MEMBERS.recall(what) or _guessed(data, recipe, pairs))


def _guessed(data: TrainingData, recipe: TrainingRecipe, pairs: bool) -> int:
    batch_size = recipe.samples_per_batch(data.num_classes)
    with torch.random.fork_rng(devices=[]):
        module = models.build(recipe.net, tuple(data.train.inputs.shape[1:]), recipe.embedding)
    largest = data.num_classes * data.mean.element_size()  # the logits
    if pairs:
        largest = max(largest, _OF_A_PAIR * batch_size)
    size = 2 if data.autocast else data.mean.element_size()

    def note(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal largest
        for tensor in (*inputs, output):
            if isinstance(tensor, Tensor):
                largest = max(largest, tensor.numel() * size)

    hooks = [layer.register_forward_hook(note) for layer in module.modules()]
    sample = data.batch(data.train.inputs[:1]).float().cpu()
    with torch.no_grad():
        module.eval()(sample)
    for hook in hooks:
        hook.remove()
    room = _BYTES.get(data.device.type, _BYTES["cuda"])
    return max(1, min(64 if data.device.type == "cpu" else 1024, room // (largest * batch_size)))
