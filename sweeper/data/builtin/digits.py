"""``digits``: scikit-learn's 1,797 handwritten digits, 8 × 8, gray (Alpaydin and Kaynak 1998)."""

import numpy as np
import torch

from sweeper.data.arrays import to_images
from sweeper.data.raw_dataset import RawDataset


def load() -> RawDataset:
    """Return the digits; their 17 gray levels are spread over 0 to 255."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    labels = torch.from_numpy(digits.target.astype(np.int64))
    return RawDataset("digits", labels, tuple(map(str, digits.target_names)), to_images(images))
