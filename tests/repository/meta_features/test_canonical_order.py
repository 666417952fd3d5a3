import numpy as np
import pytest
import torch

from sweeper.repository.meta_features.canonical_order import canonical_sample, rank_in_class


@pytest.fixture
def images():
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (60, 1, 4, 4), np.uint8))


LABELS = np.arange(10).repeat(6)


def test_any_order_and_any_class_numbers_give_the_same_arrays(images):
    rng = np.random.default_rng(1)
    chosen, classes = canonical_sample(images, LABELS)
    shuffled, renamed = rng.permutation(60), rng.permutation(100)
    again, same_classes = canonical_sample(images[shuffled], renamed[LABELS[shuffled]])
    assert torch.equal(images[shuffled][again], images[chosen])
    assert np.array_equal(classes, same_classes)
    assert sorted(chosen) == list(range(60))
    assert np.array_equal(classes, LABELS)  # ascending, six of each


def test_classes_stay_together(images):
    chosen, classes = canonical_sample(images, LABELS)
    assert len(set(zip(LABELS[chosen].tolist(), classes.tolist(), strict=True))) == 10


def test_a_sample_is_the_same_from_any_order(images):
    shuffled = np.random.default_rng(1).permutation(60)
    chosen, classes = canonical_sample(images, LABELS, largest=52)
    again, _ = canonical_sample(images[shuffled], LABELS[shuffled], largest=52)
    assert sorted(chosen) == sorted(shuffled[again])
    assert np.bincount(classes).tolist() == [5] * 10


def test_another_seed_takes_another_sample(images):
    samples = [set(canonical_sample(images, LABELS, seed, 52)[0]) for seed in (0, 1)]
    assert samples[0] != samples[1]


def test_large_classes_share_what_the_least_leaves():
    counts = [800, 150, 48, 2]
    images = torch.arange(1000, dtype=torch.float64)[:, None]
    _, classes = canonical_sample(images, np.arange(4).repeat(counts), largest=200)
    # 5 + 5 + 5 + 2 first, then 183 of 1,000.
    assert sorted(np.bincount(classes)) == [2, 5 + 8, 5 + 27, 5 + 146]


def test_too_many_classes_leave_whole_ones_out(images):
    chosen, classes = canonical_sample(images, LABELS, largest=22)
    assert np.bincount(classes).tolist() == [5, 5, 5, 5]
    assert len(np.unique(LABELS[chosen])) == 4


def test_equal_values_of_any_float_type_are_equal_content():
    values = torch.randn(20, 3, generator=torch.Generator().manual_seed(0)).half()
    values[0] = 0.0
    others = values.double().clone()
    others[0] = -0.0
    labels = np.arange(20) // 2
    assert np.array_equal(canonical_sample(values, labels)[0], canonical_sample(others, labels)[0])


def test_rank_in_class():
    assert rank_in_class(np.array([0, 0, 0, 1, 3, 3])).tolist() == [0, 1, 2, 0, 0, 1]
