"""The order in which samples are trained on: a function of the seed and the epoch alone."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor


def batches(
    n: int, batch_size: int, seeds: Sequence[int], epoch: int, device: torch.device
) -> Iterator[Tensor]:
    """Yield the batches of an epoch as indices ``[R, B]``, one row a seed.

    Every sample is drawn at most once an epoch; the few left over that do not fill a batch are not
    drawn in this one. A data set smaller than a batch is one batch.
    """
    size = min(batch_size, n)
    orders = torch.stack([_permutation(n, seed, epoch) for seed in seeds]).to(device)
    for start in range(0, n - size + 1, size):
        yield orders[:, start : start + size]


def steps_per_epoch(n: int, batch_size: int) -> int:
    """Return how many batches an epoch has."""
    return n // min(batch_size, n)


def _permutation(n: int, seed: int, epoch: int) -> Tensor:
    # Seeds and epochs are small numbers: a step of a million keeps their streams apart.
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(n, generator=generator)
