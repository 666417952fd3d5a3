"""``mnist-pairs``: two digits of ``mnist-5k`` side by side, 28 × 56 and gray, in 100 classes.

A class is a two-digit number. The 500 images of each digit are divided by position into 20 pools of
25. A group is a pool: pairs are formed within it, so that no image is on two sides of a split. Each
image is used twice on the left and twice on the right, never paired with itself: 5 pairs per class
and pool, 10,000 in total.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from sweeper.data.builtin import mnist5k
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.stable_random import permutation

_POOLS = 20
_PAIRS = 5


def load() -> RawDataset:
    """Return 100 pairs of each class, the same each time."""
    digits = mnist5k.load()
    of_digit = [np.flatnonzero(digits.labels.numpy() == digit) for digit in range(10)]
    left, right = (
        torch.from_numpy(np.concatenate(chosen))
        for chosen in zip(*(_pairs(of_digit, pool) for pool in range(_POOLS)), strict=True)
    )
    assert isinstance(digits.inputs, torch.Tensor)
    return RawDataset(
        digits.source,
        10 * digits.labels[left] + digits.labels[right],
        tuple(f"{number:02d}" for number in range(100)),
        torch.cat([digits.inputs[left], digits.inputs[right]], dim=3),
        groups=torch.arange(_POOLS).repeat_interleave(len(left) // _POOLS),
        group_names=tuple(f"pool {pool}" for pool in range(_POOLS)),
    )


def _pairs(
    of_digit: list[NDArray[np.int64]], pool: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the left and the right images of a pool's pairs, int64 ``[500]`` each."""
    shuffled = []
    for digit, images in enumerate(of_digit):
        pool_images = np.array_split(images, _POOLS)[pool]
        shuffled.append(pool_images[permutation(len(pool_images), "mnist-pairs", pool, digit)])
    # A class pairs left images of one rotation with right images of the next, so that two equal
    # digits are different images.
    turn = np.arange(_PAIRS)
    left = [shuffled[a].take(_PAIRS * b + turn, mode="wrap") for a, b in np.ndindex(10, 10)]
    right = [shuffled[b].take(_PAIRS * (a + 1) + turn, mode="wrap") for a, b in np.ndindex(10, 10)]
    return np.concatenate(left), np.concatenate(right)
