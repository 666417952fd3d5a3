"""How noisy trials are over their seeds."""

import numpy as np

from sweeper.repository.surrogates.coordinates import FloatArray


def typical_variance(table: FloatArray) -> float:
    """Return the median over trials of their variance over seeds.

    What all trials have in common with a seed, such as its fold of the classes, is no noise. The
    median, since a few settings that collapse are noisier than those at the top.

    Args:
        table: scores ``[K, R]`` of at least two trials with at least two seeds each.
    """
    rest = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    trials, seeds = table.shape
    return float(np.median((rest**2).sum(1) / ((seeds - 1) * (1 - 1 / trials))))
