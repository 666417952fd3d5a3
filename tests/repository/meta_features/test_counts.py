import math

import numpy as np
import pytest
from scipy.stats import entropy

from sweeper.repository.meta_features.counts import class_features, formula_features, size_features


def test_sizes():
    image, embedding = size_features((3, 32, 8)), size_features((512,))
    assert image == {
        "log_side": pytest.approx(math.log(16)),
        "log_channels": math.log(3),
        "is_embedding": 0,
    }
    assert embedding == {"log_side": 0, "log_channels": math.log(512), "is_embedding": 1}


def test_classes_of_different_sizes():
    counts = np.array([50, 30, 15, 5])
    assert class_features(counts) == {
        "log_images": pytest.approx(math.log(100)),
        "log_classes": pytest.approx(math.log(4)),
        "log_per_class_mean": pytest.approx(math.log(25)),
        "log_per_class_min": pytest.approx(math.log(5)),
        "class_entropy": pytest.approx(entropy(counts, base=4)),
        "class_imbalance": pytest.approx(math.log(10)),
    }


def test_balanced_classes():
    features = class_features(np.full(5000, 2))
    assert features["class_entropy"] == pytest.approx(1)
    assert features["class_imbalance"] == 0


def test_formulas_of_ten_classes():
    features = formula_features(10)
    assert [round(math.exp(value), 2) for value in features.values()] == [3.11, 3.96, 8.19]
    assert all(map(math.isfinite, formula_features(2).values()))
