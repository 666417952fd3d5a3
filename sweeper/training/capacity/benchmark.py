"""How many members train fastest together on this machine, from a few steps of each number."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from sweeper.registry.setting import Setting
from sweeper.training.capacity import cache
from sweeper.training.capacity.memory import free
from sweeper.training.evaluation import validation_accuracy
from sweeper.training.fused_trainer import FusedTrainer
from sweeper.training.loss_group import compare_pairs
from sweeper.training.out_of_memory import is_out_of_memory
from sweeper.training.recipe import TrainingRecipe
from sweeper.training.samples import Samples, TrainingData

#: Batches of an epoch and epochs of a timing, and the most members tried.
_BATCHES, _EPOCHS = 3, 4
_LARGEST = {"cpu": 64, "cuda": 4096}
#: Seconds after which no larger number is tried. A card has to be tried up to its memory.
_SECONDS = {"cpu": 4.0, "cuda": 60.0}

#: How often all numbers are measured.
_ROUNDS = 2

#: Fewer members that are as fast but for this share are taken: they leave room and end sooner.
_AS_FAST = 0.97


def measured_members(
    data: TrainingData, settings: Sequence[Setting], recipe: TrainingRecipe
) -> int:
    """Return how many members to train together, from this machine's cache or by measurement.

    Powers of two are tried until two of them are slower than one before, memory ends, or, on a CPU,
    four seconds are over; twice, since what else the machine does at that moment slows some of them
    down. On a CPU they are seconds of work, so that waiting for others does not count.

    Args:
        data: what is trained on.
        settings: one or more like those to be trained.
        recipe: how they are trained; its budget makes no difference.
    """
    what = cache.key(data, recipe, compare_pairs(settings))
    known = cache.MEMBERS.recall(what)
    if known is not None:
        return int(known)
    few = first_batches(data, recipe, _BATCHES)
    clock = _clock(data.device)
    # Not before the first array: the first one imports what PyTorch imports late, for seconds.
    _rate(few, settings[:1], recipe, needed=True)
    began = clock()

    def rate(members: int) -> float | None:
        chosen = [settings[place % len(settings)] for place in range(members)]
        found = _rate(few, chosen, recipe, needed=members == 1)
        if found is None:
            free()  # only now: the error held on to the array
        return found

    def is_over() -> bool:
        return clock() - began > _SECONDS[data.device.type]

    best = fastest(rate, _LARGEST[data.device.type], is_over)
    cache.MEMBERS.keep(what, best)
    return best


def fastest(rate: Callable[[int], float | None], largest: int, is_over: Callable[[], bool]) -> int:
    """Return the power of two with the highest rate, or a smaller one that is nearly as fast.

    Args:
        rate: measures a number; too low where it is disturbed, None where memory ends.
        largest: the largest number that is tried.
        is_over: whether there is no more time; one number is measured in any case.
    """
    rates: dict[int, float] = {}
    for _ in range(_ROUNDS):
        members, slower = 1, 0
        while members <= largest and slower < 2 and not (rates and is_over()):
            if (found := rate(members)) is None:
                largest = members - 1
                break
            rates[members] = max(found, rates.get(members, 0.0))
            before = [found for number, found in rates.items() if number < members]
            slower = slower + 1 if before and rates[members] < max(before) else 0
            members *= 2
    enough = _AS_FAST * max(rates.values())
    return min(members for members, found in rates.items() if found >= enough)


def first_batches(data: TrainingData, recipe: TrainingRecipe, count: int) -> TrainingData:
    """Return data with training samples for so many batches, of every class where it must be.

    All seeds get the same: only the time is measured.
    """
    labels = data.train.labels
    if recipe.protocol.per_class is None:
        kept = torch.arange(min(len(labels), count * recipe.batch_size), device=labels.device)
    else:
        number, per_class = int(labels.max()) + 1, count * recipe.protocol.per_class
        kept = torch.cat([(labels == c).nonzero()[:per_class, 0] for c in range(number)])
    inputs = data.train.inputs[data.train.at(kept)]
    return replace(data, train=Samples(inputs, labels[kept]), folds=())


def _rate(
    data: TrainingData, settings: Sequence[Setting], recipe: TrainingRecipe, needed: bool
) -> float | None:
    """Return members per second; None if they do not fit into the memory, unless `needed`."""
    try:
        trainer = FusedTrainer(data, settings, [0], replace(recipe, epochs=_EPOCHS))
        rate = len(settings) / _seconds(trainer)
        if data.device.type == "cuda":
            validation_accuracy(trainer)  # what is trained must fit when it is measured, too
    except Exception as error:
        if needed or not is_out_of_memory(error):
            raise
        return None
    return rate


def _seconds(trainer: FusedTrainer) -> float:
    """Return the seconds of an epoch, the fastest of three after one that warms up."""
    clock = _clock(trainer.data.device)
    trainer.train_epoch()
    times = []
    for _ in range(_EPOCHS - 1):
        began = clock()
        trainer.train_epoch().sum().item()  # waits for the device
        times.append(clock() - began)
    return min(times)


def _clock(device: torch.device) -> Callable[[], float]:
    """Return a clock in seconds: of this process's work on a CPU, else of elapsed time."""
    return time.process_time if device.type == "cpu" else time.perf_counter
