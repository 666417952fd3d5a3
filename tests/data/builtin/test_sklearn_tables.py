"""``wine`` and ``breast-cancer`` against scikit-learn's tables."""

import numpy as np
import pytest
from sklearn import datasets
from sklearn.preprocessing import StandardScaler

from sweeper.data import describe, load


@pytest.mark.parametrize(
    ("name", "table", "class_names"),
    [
        ("wine", datasets.load_wine(), ("grower 1", "grower 2", "grower 3")),
        ("breast-cancer", datasets.load_breast_cancer(), ("malignant", "benign")),
    ],
)
def test_measures_are_standardized(name: str, table, class_names: tuple[str, ...]) -> None:
    dataset = load(name)
    assert not dataset.is_images
    assert dataset.labels.tolist() == table.target.tolist()
    assert dataset.class_names == class_names
    assert dataset.source == name
    expected = StandardScaler().fit_transform(table.data)
    assert np.abs(dataset.inputs.numpy() - expected).max() < 1e-5
    told = describe(dataset)
    assert (told.kind, told.shape) == ("embeddings", table.data.shape[1:])
    assert "retrieval needs at least 6 classes" in str(told.retrieval)
