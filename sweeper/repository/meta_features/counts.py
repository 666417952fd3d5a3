"""What is known of a data set by counting: its images, their size, its classes."""

import math

import numpy as np
from numpy.typing import NDArray

from sweeper.repository.baselines import cosface_scale, fixed_adacos_scale


def size_features(shape: tuple[int, ...]) -> dict[str, float]:
    """Return the size of an image ``(C, H, W)``, or of an embedding ``(d,)``.

    An embedding counts as an image of one pixel with d channels.
    """
    channels, *sides = shape
    return {
        "log_side": 0.5 * math.log(math.prod(sides)),
        "log_channels": math.log(channels),
        "is_embedding": float(not sides),
    }


def class_features(counts: NDArray[np.int64]) -> dict[str, float]:
    """Return how many images and classes there are, and how evenly they are spread.

    Args:
        counts: ``[C]``, images of each class, at least one; at least two classes.
    """
    shares = counts / counts.sum()
    return {
        "log_images": math.log(counts.sum()),
        "log_classes": math.log(len(counts)),
        "log_per_class_mean": math.log(counts.mean()),
        "log_per_class_min": math.log(counts.min()),
        "class_entropy": float(-(shares * np.log(shares)).sum() / math.log(len(counts))),
        "class_imbalance": math.log(counts.max() / counts.min()),
    }


def formula_features(num_classes: int) -> dict[str, float]:
    """Return the logarithms of what the formulas say about the scale."""
    return {
        "log_scale_adacos": math.log(fixed_adacos_scale(num_classes)),
        "log_scale_cosface_900": math.log(cosface_scale(num_classes, 0.9)),
        "log_scale_cosface_999": math.log(cosface_scale(num_classes, 0.999)),
    }
