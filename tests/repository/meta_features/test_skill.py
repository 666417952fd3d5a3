import numpy as np
import pytest

from sweeper.repository.meta_features.skill import accuracy_features, largest_share, skill


def test_skill_is_what_is_gained_over_chance():
    assert skill(0.25, 0.25) == 0
    assert skill(1.0, 0.25) == 1
    assert skill(0.7, 0.4) == pytest.approx(0.5)
    assert skill(0.0, 0.9) == -1
    assert skill(1.0, 1.0) == 0


def test_chance_names_the_commonest_class():
    assert largest_share(np.array([0, 0, 0, 1, 1])) == 0.6
    assert largest_share(np.array([0, 0, 0, 1, 1, 2])) == 0.6  # the last is never tested
    assert largest_share(np.arange(4)) == 0.25


def test_accuracies_by_name():
    right = {"a": np.array([True, True, False, True]), "b": np.array([], dtype=bool)}
    assert accuracy_features(right, np.array([0, 0, 1, 1])) == {
        "accuracy_a": 0.75,
        "skill_a": 0.5,
        "accuracy_b": 0.5,
        "skill_b": 0.0,
    }
