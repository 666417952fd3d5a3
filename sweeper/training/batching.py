"""The order in which samples are trained on: a function of the seed and the epoch alone."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor


def batches(
    n: int,
    batch_size: int,
    seeds: Sequence[int],
    epoch: int,
    device: torch.device,
    drawn: int | None = None,
) -> Iterator[Tensor]:
    """Yield the batches of an epoch as indices ``[R, B]``, one row per seed.

    Every sample is drawn once, or `drawn` of them. The batches are as few as `batch_size` allows,
    and equal but for one sample, so that no small one at the end weighs more than the others.
    """
    drawn = n if drawn is None else drawn
    orders = torch.stack([_permutation(n, seed, epoch)[:drawn] for seed in seeds]).to(device)
    yield from orders.tensor_split(steps_per_epoch(drawn, batch_size), dim=1)


def steps_per_epoch(n: int, batch_size: int) -> int:
    """Return how many batches an epoch has."""
    return -(-n // batch_size)


def draws(seeds: Sequence[int], step: int) -> list[int]:
    """Return what each seed's random layers, dropout for example, are seeded with at a step."""
    return [seed * 1_000_000_007 + step for seed in seeds]


def _permutation(n: int, seed: int, epoch: int) -> Tensor:
    # Seeds and epochs are small numbers: a step of a million keeps their streams apart.
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(n, generator=generator)
