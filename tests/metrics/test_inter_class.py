import math
from itertools import combinations
from statistics import mean

import pytest
import torch

from sweeper.metrics import class_means, inter_class_angle, inter_class_distance

MEASURES = [
    inter_class_angle,
    inter_class_distance,
    lambda *args: inter_class_distance(*args, unit_length=True),
]


def unit(x):
    return [a / math.hypot(*x) for a in x]


def plain_means(embeddings, labels):
    means = []
    for c in sorted(set(labels)):
        class_samples = [x for x, label in zip(embeddings, labels, strict=True) if label == c]
        means.append([mean(column) for column in zip(*class_samples, strict=True)])
    return means


def plain_angle(x, y):
    return math.acos(sum(a * b for a, b in zip(unit(x), unit(y), strict=True)))


def check(result, expected):
    assert result.smallest.item() == pytest.approx(min(expected), rel=1e-9)
    assert result.mean.item() == pytest.approx(mean(expected), rel=1e-9)


@pytest.mark.parametrize("unit_length", [True, False])
def test_distance_of_each_member(samples, unit_length):
    embeddings, labels = samples(2, 3, 5, counts=[6, 1, 9, 0, 2])
    result = inter_class_distance(embeddings, labels, 5, unit_length=unit_length)
    assert result.smallest.shape == result.mean.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            rows = [unit(x) if unit_length else x for x in embeddings[i, j].tolist()]
            means = plain_means(rows, labels.tolist())
            expected = [math.dist(a, b) for a, b in combinations(means, 2)]
            check(type(result)(*(each[i, j] for each in result)), expected)


def test_angle_of_each_member(samples):
    embeddings, labels = samples(2, 3, 5, counts=[6, 1, 9, 0, 2])
    result = inter_class_angle(embeddings, labels, 5)
    assert result.smallest.shape == result.mean.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            means = plain_means([unit(x) for x in embeddings[i, j].tolist()], labels.tolist())
            expected = [plain_angle(a, b) for a, b in combinations(means, 2)]
            check(type(result)(*(each[i, j] for each in result)), expected)


def test_a_single_member(samples):
    embeddings, labels = samples(1, 4, counts=[3, 3])
    for measure in MEASURES:
        single, array = measure(embeddings[0], labels, 2), measure(embeddings, labels, 2)
        assert single.mean.shape == ()
        assert single.smallest == single.mean == array.mean[0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("angle", [1e-6, 1e-3, 1.0, math.pi - 1e-3, math.pi - 1e-6])
def test_angles_near_0_and_pi_are_exact(angle, dtype):
    # Rotated, so that a small angle does not vanish in rounded coordinates.
    embeddings = torch.tensor([[1.0, 0.0], [math.cos(angle), math.sin(angle)]], dtype=dtype)
    result = inter_class_angle(embeddings, torch.tensor([0, 1]), 2)
    apart = math.pi - angle
    if apart < 0.1:
        rounding = torch.finfo(dtype).eps * 4
        assert math.pi - result.mean.item() == pytest.approx(apart, abs=rounding)
    else:
        assert result.mean.item() == pytest.approx(angle, rel=1e-6)


@pytest.mark.parametrize("leading", [(), (3,)])
def test_many_classes_are_computed_in_blocks(leading):
    embeddings = torch.randn(*leading, 700, 3, dtype=torch.float64)
    labels = torch.randperm(700)
    result = inter_class_distance(embeddings, labels, 700)
    pairs = torch.cdist(embeddings, embeddings)[..., *torch.triu_indices(700, 700, 1)]
    torch.testing.assert_close(result.smallest, pairs.amin(-1), rtol=1e-5, atol=0)
    torch.testing.assert_close(result.mean, pairs.mean(-1))


def test_no_matrix_of_all_pairs_of_classes(largest_tensor):
    embeddings, labels = torch.randn(4000, 8), torch.arange(4000)
    for measure in MEASURES:
        assert largest_tensor(lambda: measure(embeddings, labels, 4000)) <= 4000 * 257 * 8  # noqa: B023


def test_scale_affects_only_the_plain_distance(samples):
    embeddings, labels = samples(5, counts=[6, 7, 8])
    plain, other = (inter_class_distance(x, labels, 3) for x in (embeddings, 3 * embeddings))
    torch.testing.assert_close(other.mean, 3 * plain.mean)
    for measure in (MEASURES[0], MEASURES[2]):
        torch.testing.assert_close(
            measure(3 * embeddings, labels, 3), measure(embeddings, labels, 3)
        )


def test_distance_is_that_of_the_public_means(samples):
    embeddings, labels = samples(5, counts=[6, 7])
    one, other = class_means(embeddings, labels, 2)
    torch.testing.assert_close(
        inter_class_distance(embeddings, labels, 2).mean, (one - other).norm()
    )


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("value", [0.0, 0.1, 3.7])
def test_a_collapse_measures_zero(measure, value):
    result = measure(torch.full((3000, 64), value), torch.arange(3000) % 7, 7)
    assert result.mean.item() == pytest.approx(0, abs=1e-12)
    assert result.smallest.item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("none", [[[0.0, 0.0], [0.0, 0.0]], [[0.3, 0.1], [-0.3, -0.1]]])
def test_a_mean_without_direction_is_at_angle_0(none):
    embeddings = torch.tensor([*none, [1.0, 0.0], [0.0, 1.0]])
    result = inter_class_angle(embeddings, torch.tensor([0, 0, 1, 2]), 3)
    assert result.smallest == 0
    assert result.mean.item() == pytest.approx(math.pi / 6)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(samples, measure, dtype):
    embeddings, labels = samples(5, counts=[6, 7, 8])
    low = embeddings.to(dtype)
    result = measure(low, labels, 3)
    assert result.mean.dtype == result.smallest.dtype == torch.float32
    assert result == measure(low.float(), labels, 3)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_member_that_is_not_finite_is_nan(samples, measure, value):
    embeddings, labels = samples(2, 5, counts=[6, 7, 8])
    embeddings[0, 3, 2] = value
    for each in measure(embeddings, labels, 3):
        assert each.isnan().tolist() == [True, False]


@pytest.mark.parametrize("measure", MEASURES)
def test_two_classes_are_needed(measure):
    with pytest.raises(ValueError, match="at least two classes"):
        measure(torch.randn(4, 2), torch.full((4,), 2), 3)
