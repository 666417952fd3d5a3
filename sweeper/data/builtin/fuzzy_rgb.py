"""``fuzzy-rgb``: images of one color, mostly red, green or blue (section 3.1 of the σ²R paper)."""

import numpy as np
import torch

from sweeper.data.arrays import to_images
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.stable_random import uniform

_IMAGES_A_CLASS = 3000
_SIDE = 32
_CLASSES = ("red", "green", "blue")


def load() -> RawDataset:
    """Make the images, the same each time.

    A class's own channel is uniform between 20 % and 100 % of the range, the two others between 0
    and 20 %.
    """
    share = uniform(3 * _IMAGES_A_CLASS * 3, "fuzzy-rgb").reshape(3, _IMAGES_A_CLASS, 3)
    own = np.eye(3, dtype=bool)[:, None, :]
    colors = np.rint(255 * np.where(own, 0.2 + 0.8 * share, 0.2 * share)).astype(np.uint8)
    images = np.broadcast_to(colors.reshape(-1, 3, 1, 1), (3 * _IMAGES_A_CLASS, 3, _SIDE, _SIDE))
    labels = torch.arange(3).repeat_interleave(_IMAGES_A_CLASS)
    return RawDataset("fuzzy-rgb", labels, _CLASSES, to_images(images))
