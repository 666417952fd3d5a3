"""``fuzzy-rgb``: single-color images, mostly red, green or blue.

La Grassa et al. 2020, 'σ²R Loss', section 3.1.
"""

import numpy as np
import torch

from sweeper.data.arrays import to_images
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.stable_random import uniform

_IMAGES_PER_CLASS = 3000
_SIDE = 32
_CLASSES = ("red", "green", "blue")


def load() -> RawDataset:
    """Generate the images, the same each time.

    The channel of the class is uniform between 20 % and 100 % of the range, the other two between 0
    and 20 %.
    """
    share = uniform(3 * _IMAGES_PER_CLASS * 3, "fuzzy-rgb").reshape(3, _IMAGES_PER_CLASS, 3)
    class_channel = np.eye(3, dtype=bool)[:, None, :]
    colors = np.rint(255 * np.where(class_channel, 0.2 + 0.8 * share, 0.2 * share)).astype(np.uint8)
    images = np.broadcast_to(colors.reshape(-1, 3, 1, 1), (3 * _IMAGES_PER_CLASS, 3, _SIDE, _SIDE))
    labels = torch.arange(3).repeat_interleave(_IMAGES_PER_CLASS)
    return RawDataset("fuzzy-rgb", labels, _CLASSES, to_images(images))
