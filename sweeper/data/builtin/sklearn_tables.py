"""``wine`` and ``breast-cancer``: scikit-learn's tables of measurements, as embeddings.

``wine``: 13 chemical measurements of 178 wines from three growers (Forina et al. 1988).
``breast-cancer``: 30 measurements of cell nuclei in 569 tissue images (Street et al. 1993).

The scales of the measurements range from hundredths to thousands, and training does not normalize
embeddings. So each measurement is standardized to mean 0 and standard deviation 1 over the table.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sweeper.data.arrays import to_embeddings
from sweeper.data.raw_dataset import RawDataset


def load_wine() -> RawDataset:
    """Return 178 embeddings of 13 numbers."""
    from sklearn import datasets

    return _standardized("wine", datasets.load_wine(), ("grower 1", "grower 2", "grower 3"))


def load_breast_cancer() -> RawDataset:
    """Return 569 embeddings of 30 numbers."""
    from sklearn import datasets

    return _standardized("breast-cancer", datasets.load_breast_cancer(), ("malignant", "benign"))


def _standardized(source: str, table: Any, class_names: Sequence[str]) -> RawDataset:
    centered = table.data - _mean(table.data)
    embeddings = centered / np.sqrt(_mean(centered**2))
    labels = torch.from_numpy(table.target).long()
    return RawDataset(source, labels, tuple(class_names), to_embeddings(embeddings))


def _mean(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each column, rounded the same on all machines."""
    return np.array([math.fsum(column) for column in columns.T]) / len(columns)
