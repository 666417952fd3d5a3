"""Random choices that are the same on every machine, and that touch no global random state.

A bit generator's raw stream never changes between versions of NumPy, unlike what is made of it
(NEP 19), so everything here is made of raw 64-bit words.
"""

import zlib

import numpy as np
from numpy.typing import NDArray


def words(count: int, purpose: str, *seeds: int) -> NDArray[np.uint64]:
    """Return ``[count]`` uniform 64-bit words; each purpose and each choice of seeds has its own.

    Args:
        count: how many.
        purpose: a word that keeps the streams of different choices apart.
        seeds: whole numbers from 0.
    """
    # Their number too, since NumPy takes zeros at the end for nothing.
    entropy = (zlib.crc32(purpose.encode()), len(seeds), *seeds)
    return np.asarray(np.random.PCG64(np.random.SeedSequence(entropy)).random_raw(count), np.uint64)


def permutation(count: int, purpose: str, *seeds: int) -> NDArray[np.int64]:
    """Return ``0 … count - 1`` in random order, int64 ``[count]``."""
    return np.argsort(words(count, purpose, *seeds), kind="stable")


def below(limit: int, count: int, purpose: str, *seeds: int) -> NDArray[np.int64]:
    """Return ``[count]`` whole numbers from 0 to ``limit - 1``, int64."""
    return (words(count, purpose, *seeds) % np.uint64(limit)).astype(np.int64)


def uniform(count: int, purpose: str, *seeds: int) -> NDArray[np.float64]:
    """Return ``[count]`` numbers in [0, 1), float64."""
    return (words(count, purpose, *seeds) >> np.uint64(11)).astype(np.float64) * 2.0**-53
