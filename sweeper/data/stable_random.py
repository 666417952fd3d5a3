"""Random numbers that are the same on every machine and leave global random state unchanged.

NumPy guarantees that a bit generator's raw stream never changes between versions, but not the
distributions built on it (NEP 19). So everything here is derived from raw 64-bit words.
"""

import zlib

import numpy as np
from numpy.typing import NDArray


def words(count: int, purpose: str, *seeds: int) -> NDArray[np.uint64]:
    """Return ``[count]`` uniform 64-bit words, a separate stream for each purpose and seeds.

    Args:
        count: number of words.
        purpose: a name that separates the streams of different choices.
        seeds: nonnegative integers.
    """
    # Includes the number of seeds, since NumPy ignores trailing zeros.
    entropy = (zlib.crc32(purpose.encode()), len(seeds), *seeds)
    return np.asarray(np.random.PCG64(np.random.SeedSequence(entropy)).random_raw(count), np.uint64)


def permutation(count: int, purpose: str, *seeds: int) -> NDArray[np.int64]:
    """Return ``0 … count - 1`` in random order, int64 ``[count]``."""
    return np.argsort(words(count, purpose, *seeds), kind="stable")


def below(limit: int, count: int, purpose: str, *seeds: int) -> NDArray[np.int64]:
    """Return ``[count]`` integers from 0 to ``limit - 1``, int64."""
    return (words(count, purpose, *seeds) % np.uint64(limit)).astype(np.int64)


def uniform(count: int, purpose: str, *seeds: int) -> NDArray[np.float64]:
    """Return ``[count]`` numbers in [0, 1), float64."""
    return (words(count, purpose, *seeds) >> np.uint64(11)).astype(np.float64) * 2.0**-53
