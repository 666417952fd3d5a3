import math
from itertools import combinations
from statistics import mean

import pytest
import torch

from sweeper.metrics import compactness, intra_class_spread


def unit(x):
    length = math.sqrt(sum(a * a for a in x))
    return [a / length for a in x]


def plain_means_and_spreads(embeddings, labels, num_classes):
    """Return (mean, spread) by class for lists embeddings [N][d]; None below two samples."""
    measured = []
    for c in range(num_classes):
        class_samples = [x for x, label in zip(embeddings, labels, strict=True) if label == c]
        if len(class_samples) < 2:
            measured.append(None)
            continue
        center = [mean(column) for column in zip(*class_samples, strict=True)]
        total = sum(math.dist(x, center) ** 2 for x in class_samples)
        measured.append((center, math.sqrt(total / (len(class_samples) - 1))))
    return measured


def plain_compactness(embeddings, labels, num_classes):
    vectors = [unit(x) for x in embeddings]
    present = [m for m in plain_means_and_spreads(vectors, labels, num_classes) if m]
    between = mean(math.dist(a, b) for (a, _), (b, _) in combinations(present, 2))
    return mean(spread for _, spread in present) / between


@pytest.mark.parametrize("unit_length", [True, False])
def test_spread_of_each_class(samples, unit_length):
    embeddings, labels = samples(3, 5, counts=[6, 1, 9, 0, 2])
    result = intra_class_spread(embeddings, labels, 5, unit_length=unit_length)
    assert result.shape == (3, 5)
    for k in range(3):
        rows = [unit(x) if unit_length else x for x in embeddings[k].tolist()]
        for c, expected in enumerate(plain_means_and_spreads(rows, labels.tolist(), 5)):
            if expected is None:
                assert result[k, c].isnan()
            else:
                assert result[k, c].item() == pytest.approx(expected[1], rel=1e-12)


@pytest.mark.parametrize("count", [1500, 4100])
def test_many_samples_are_summed_in_blocks(samples, count):
    embeddings, labels = samples(3, counts=[count - 700, 700])
    expected = plain_compactness(embeddings.tolist(), labels.tolist(), 2)
    assert compactness(embeddings, labels, 2).item() == pytest.approx(expected, rel=1e-12)


def test_memory_does_not_grow_with_samples_times_classes():
    """The largest tensor is as large as the embeddings; class indicators would take half a GB."""
    count = 12_000
    labels = torch.arange(count) % 6000
    embeddings = torch.randn(count, 4)
    with torch.profiler.profile(profile_memory=True) as profile:
        intra_class_spread(embeddings, labels, 6000, unit_length=True)
    largest = max(event.self_cpu_memory_usage for event in profile.events())
    assert 0 < largest < 4 * count * 16


def test_spread_is_the_standard_deviation_of_one_coordinate():
    values = torch.tensor([[1.0], [4.0], [7.0]])
    assert intra_class_spread(values, torch.zeros(3, dtype=torch.long), 1).item() == 3.0


def test_compactness_of_each_member(samples):
    embeddings, labels = samples(2, 3, 5, counts=[6, 1, 9, 0, 2])
    result = compactness(embeddings, labels, 5)
    assert result.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            expected = plain_compactness(embeddings[i, j].tolist(), labels.tolist(), 5)
            assert result[i, j].item() == pytest.approx(expected, rel=1e-12)


def test_invariant_to_scale(samples):
    embeddings, labels = samples(5, counts=[6, 7, 8])
    result = compactness(embeddings * 1e-3, labels, 3)
    torch.testing.assert_close(result, compactness(embeddings, labels, 3))


def test_tighter_classes_score_lower(samples):
    tight, labels = samples(5, counts=[6, 7, 8], noise=0.1)
    wide, _ = samples(5, counts=[6, 7, 8], noise=1.0)
    assert compactness(tight, labels, 3) < compactness(wide, labels, 3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, 3.7])
def test_a_collapse_scores_worst(dtype, value):
    embeddings = torch.full((3000, 64), value, dtype=dtype)
    assert compactness(embeddings, torch.arange(3000) % 7, 7) == math.inf


def test_classes_on_points_score_zero():
    embeddings = torch.eye(3).repeat_interleave(4, 0)
    assert compactness(embeddings, torch.arange(3).repeat_interleave(4), 3) == 0


def test_half_precision_is_computed_in_float32(samples):
    embeddings, labels = samples(5, counts=[6, 7, 8])
    low = embeddings.bfloat16()
    assert torch.equal(compactness(low, labels, 3), compactness(low.float(), labels, 3))
    assert intra_class_spread(low, labels.to(torch.uint8), 3).dtype == torch.float32


def test_a_member_that_is_not_finite_is_nan(samples):
    embeddings, labels = samples(2, 5, counts=[6, 7, 8])
    embeddings[0, 3, 2] = math.nan
    assert compactness(embeddings, labels, 3).isnan().tolist() == [True, False]
    assert intra_class_spread(embeddings, labels, 3).isnan().tolist() == [[True] * 3, [False] * 3]


def test_needs_two_classes_of_two_samples():
    with pytest.raises(ValueError, match="at least two classes"):
        compactness(torch.randn(4, 2), torch.tensor([0, 0, 0, 1]), 2)
