"""Batches with equally many samples of each class."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from sweeper.data.stable_random import uniform


def balanced_batches(
    labels: Tensor, per_class: int, seeds: Sequence[int], epoch: int, drawn: int | None = None
) -> Iterator[Tensor]:
    """Yield the batches of an epoch as indices ``[R, C * per_class]``, one row per seed.

    An epoch draws about as many samples as there are, see `balanced_steps`. Each class is gone
    through in a random order, and again in another one once all its samples were drawn: those of a
    small class come several times per epoch, and of a class larger than the mean a part is left
    out, another one each epoch. What is drawn depends on labels, seed and epoch alone, so losses
    that are compared see the same (as La Grassa et al. 2020, section 5).

    Args:
        labels: ``[n]``, from 0 to C - 1.
        per_class: samples of each class per batch; a batch lists the classes in their order.
        seeds: the R seeds, whole numbers from 0.
        epoch: from 0.
        drawn: about how many samples in place of all.

    Raises:
        ValueError: `per_class` is not positive, or a class has no samples.
    """
    steps = balanced_steps(labels, per_class, drawn)
    of_class = labels.argsort(stable=True).cpu().split(torch.bincount(labels).tolist())
    orders = [
        [
            samples[_rounds(len(samples), steps * per_class, seed, epoch, label)]
            for label, samples in enumerate(of_class)
        ]
        for seed in seeds
    ]
    places = torch.stack([torch.stack(each) for each in orders])  # [R, C, steps * per_class]
    places = places.unflatten(2, (steps, per_class)).transpose(1, 2).flatten(2)
    yield from places.to(labels.device).unbind(1)


def balanced_steps(labels: Tensor, per_class: int, drawn: int | None = None) -> int:
    """Return how many batches an epoch has: the fewest that hold as many samples as there are.

    Or as many as `drawn`.

    Raises:
        ValueError: `per_class` is not positive, or a class has no samples.
    """
    if per_class < 1:
        raise ValueError(f"a batch needs at least one sample of each class, not {per_class}")
    counts = torch.bincount(labels)
    if not len(counts) or not counts.all():
        raise ValueError(f"some classes have no samples: {counts.tolist()}")
    return -(-(len(labels) if drawn is None else drawn) // (len(counts) * per_class))


def _rounds(size: int, count: int, seed: int, epoch: int, label: int) -> Tensor:
    """Return `count` of the places 0 … `size` - 1: random orders of all, one after another."""
    rounds = -(-count // size)
    numbers = torch.from_numpy(uniform(rounds * size, "balanced batch", seed, epoch, label))
    return numbers.view(rounds, size).argsort(dim=1).flatten()[:count]
