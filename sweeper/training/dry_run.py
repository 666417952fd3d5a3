"""How many members train fastest together on this machine, from a few steps of each number."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from sweeper.setting import Setting
from sweeper.training import remembered
from sweeper.training.array import Array
from sweeper.training.measure import validation_accuracy
from sweeper.training.memory import free, is_out_of_memory
from sweeper.training.parts import compare_pairs
from sweeper.training.protocol import USUAL, Protocol
from sweeper.training.samples import Samples, TrainingData

#: Batches of a timing, and the most members tried.
_BATCHES = 3
_LARGEST = {"cpu": 64, "cuda": 4096}
#: Seconds after which no larger number is tried. A card has to be tried up to its memory.
_SECONDS = {"cpu": 4.0, "cuda": 60.0}

#: Fewer members that are as fast but for this share are taken: they leave room and end sooner.
_AS_FAST = 0.97


def measured_members(
    data: TrainingData,
    settings: Sequence[Setting],
    net: str,
    embedding: int,
    batch_size: int,
    protocol: Protocol = USUAL,
) -> int:
    """Return how many members to train together, measured unless it was on this machine before.

    Powers of two are tried until two of them are slower than one before, memory ends, or, on a CPU,
    four seconds are over. On a CPU they are seconds of work, so that what others do on the machine
    at that moment makes no difference to what is remembered.

    Args:
        data: what is trained on.
        settings: one or more like those to be trained.
        net: the net's name.
        embedding: its features.
        batch_size: samples a batch.
        protocol: how it is trained beyond that.
    """
    batch = protocol.batch(data.num_classes, batch_size)
    what = remembered.key(data, net, embedding, batch, compare_pairs(settings))
    known = remembered.recall(what)
    if known is not None:
        return known
    few = first_batches(data, batch_size, protocol, _BATCHES)
    rates: dict[int, float] = {}
    clock = _clock(data.device)
    began, members = clock(), 1
    while members <= _LARGEST[data.device.type]:
        chosen = [settings[place % len(settings)] for place in range(members)]
        rate = _rate(few, chosen, net, embedding, batch_size, protocol, needed=not rates)
        if rate is None:
            free()  # only now: the error held on to the array
            break
        rates[members] = rate
        recent = list(rates.values())[-2:]
        falling = len(rates) > 2 and max(recent) < max(rates.values())
        if falling or clock() - began > _SECONDS[data.device.type]:
            break
        members *= 2
    fastest = max(rates.values())
    best = min(members for members, rate in rates.items() if rate >= _AS_FAST * fastest)
    remembered.keep(what, best)
    return best


def first_batches(
    data: TrainingData, batch_size: int, protocol: Protocol, count: int
) -> TrainingData:
    """Return data with training samples for so many batches, of every class where it must be.

    The same for all seeds: it is the time alone that is asked for.
    """
    labels = data.train.labels
    if protocol.per_class is None:
        kept = torch.arange(min(len(labels), count * batch_size), device=labels.device)
    else:
        number, per_class = int(labels.max()) + 1, count * protocol.per_class
        kept = torch.cat([(labels == c).nonzero()[:per_class, 0] for c in range(number)])
    inputs = data.train.inputs[data.train.at(kept)]
    return replace(data, train=Samples(inputs, labels[kept]), folds=())


def _rate(
    data: TrainingData,
    settings: Sequence[Setting],
    net: str,
    embedding: int,
    batch_size: int,
    protocol: Protocol,
    needed: bool,
) -> float | None:
    """Return members a second, None where there is no memory for them unless they are needed."""
    try:
        array = Array(data, settings, [0], net, embedding, 4, batch_size, protocol)
        rate = len(settings) / _seconds(array)
        if data.device.type == "cuda":
            validation_accuracy(array)  # what is trained must fit when it is measured, too
    except Exception as error:
        if needed or not is_out_of_memory(error):
            raise
        return None
    return rate


def _seconds(array: Array) -> float:
    """Return the seconds of an epoch, the fastest of three after one that warms up."""
    clock = _clock(array.data.device)
    array.train_epoch()
    times = []
    for _ in range(3):
        began = clock()
        array.train_epoch().sum().item()  # waits for the device
        times.append(clock() - began)
    return min(times)


def _clock(device: torch.device) -> Callable[[], float]:
    """Return what tells seconds: of this process's work on a CPU, of waiting for another device."""
    return time.process_time if device.type == "cpu" else time.perf_counter
