import math
import operator

import pytest
import torch
from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from pytorch_metric_learning.utils.inference import CustomKNN

from sweeper.metrics import map_at_r, recall_at_1


def plain_map_at_r(embeddings, labels):
    """Return MAP@R for lists embeddings [N][d] and labels [N]."""

    def cosine(x, y):
        lengths = math.hypot(*x) * math.hypot(*y)
        return sum(a * b for a, b in zip(x, y, strict=True)) / lengths

    scores = []
    for i, x in enumerate(embeddings):
        others = [j for j in range(len(labels)) if j != i]
        r = sum(labels[j] == labels[i] for j in others)
        if r == 0:
            continue
        others.sort(key=lambda j: -cosine(x, embeddings[j]))
        hits = [labels[j] == labels[i] for j in others[:r]]
        scores.append(sum(sum(hits[: p + 1]) / (p + 1) for p in range(r) if hits[p]) / r)
    return sum(scores) / len(scores)


@pytest.mark.parametrize("block_size", [1, 7, 1024])
def test_each_member(samples, block_size):
    embeddings, labels = samples(2, 3, 4, counts=[8, 1, 13, 2, 20])
    result = map_at_r(embeddings, labels, block_size=block_size)
    assert result.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            expected = plain_map_at_r(embeddings[i, j].tolist(), labels.tolist())
            assert result[i, j].item() == pytest.approx(expected, rel=1e-12)


def test_agrees_with_pytorch_metric_learning(samples):
    embeddings, labels = samples(6, counts=[30, 41, 55])
    calculator = AccuracyCalculator(
        include=("mean_average_precision_at_r",),
        k="max_bin_count",
        knn_func=CustomKNN(CosineSimilarity()),
        device=torch.device("cpu"),
    )
    expected = calculator.get_accuracy(embeddings, labels)["mean_average_precision_at_r"]
    assert map_at_r(embeddings, labels).item() == pytest.approx(expected, rel=1e-6)


def test_worked_example():
    angles = torch.tensor([0.0, 0.3, 0.5, 0.9])
    embeddings = torch.stack([angles.cos(), angles.sin()], -1)
    # R = 1: a query is correct if its nearest is of its class; 0.3 is nearer to 0.5 than to 0.
    assert map_at_r(embeddings, torch.tensor([0, 0, 1, 1])).item() == pytest.approx(1 / 2)
    assert map_at_r(embeddings, torch.tensor([5, 9, 9, 5])).item() == pytest.approx(1 / 2)


def test_invariant_to_length(samples):
    embeddings, labels = samples(4, counts=[8, 9])
    lengths = torch.linspace(0.1, 30, 17, dtype=torch.float64).unsqueeze(-1)
    torch.testing.assert_close(map_at_r(embeddings * lengths, labels), map_at_r(embeddings, labels))


def test_separate_classes_score_one():
    embeddings = torch.eye(3).repeat_interleave(5, 0) + 0.01 * torch.randn(15, 3)
    assert map_at_r(embeddings, torch.arange(3).repeat_interleave(5)).item() == pytest.approx(1)


@pytest.mark.parametrize("value", [0.0, 0.1])
@pytest.mark.parametrize("count", [20, 500])
def test_a_collapse_scores_zero_in_any_order(value, count):
    embeddings = torch.full((2 * count, 64), value)
    by_class = torch.arange(2).repeat_interleave(count)
    # R is count - 1, and the other class fills all these ranks.
    assert map_at_r(embeddings, by_class) == 0
    assert map_at_r(embeddings, by_class.roll(count // 2)) == 0


def test_a_member_that_is_not_finite_is_nan(samples):
    embeddings, labels = samples(2, 4, counts=[8, 9])
    embeddings[1, 0, 0] = math.inf
    assert map_at_r(embeddings, labels).isnan().tolist() == [False, True]


def test_half_precision_is_computed_in_float32(samples):
    embeddings, labels = samples(4, counts=[8, 9])
    low = embeddings.half()
    assert torch.equal(map_at_r(low, labels), map_at_r(low.float(), labels))


def test_needs_a_class_of_two_samples():
    with pytest.raises(ValueError, match="at least two samples"):
        map_at_r(torch.randn(3, 2), torch.tensor([0, 1, 2]))


def plain_recall_at_1(embeddings, labels):
    """Return recall@1 for lists embeddings [N][d] and labels [N]."""
    unit = [[a / math.hypot(*x) for a in x] for x in embeddings]
    right = []
    for i, x in enumerate(unit):
        others = [j for j in range(len(labels)) if j != i]
        if any(labels[j] == labels[i] for j in others):
            nearest = max(others, key=lambda j: sum(map(operator.mul, x, unit[j])))
            right.append(labels[nearest] == labels[i])
    return sum(right) / len(right)


@pytest.mark.parametrize("block_size", [1, 7, 1024])
def test_recall_of_each_member(samples, block_size):
    embeddings, labels = samples(2, 3, 4, counts=[8, 1, 13, 2, 20])
    result = recall_at_1(embeddings, labels, block_size=block_size)
    assert result.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            expected = plain_recall_at_1(embeddings[i, j].tolist(), labels.tolist())
            assert result[i, j].item() == pytest.approx(expected, rel=1e-12)


def test_recall_agrees_with_pytorch_metric_learning(samples):
    embeddings, labels = samples(6, counts=[30, 41, 55], noise=1.5)
    calculator = AccuracyCalculator(
        include=("precision_at_1",),
        k=1,
        knn_func=CustomKNN(CosineSimilarity()),
        device=torch.device("cpu"),
    )
    expected = calculator.get_accuracy(embeddings, labels)["precision_at_1"]
    assert 0.3 < expected < 1
    assert recall_at_1(embeddings, labels).item() == pytest.approx(expected, rel=1e-6)


def test_recall_worked_example():
    angles = torch.tensor([0.0, 0.3, 0.5, 0.9])
    embeddings = torch.stack([angles.cos(), angles.sin()], -1)
    # Only those at 0 and 0.9 find their own class; a sample alone in its class is no query.
    assert recall_at_1(embeddings, torch.tensor([0, 0, 1, 1])).item() == pytest.approx(1 / 2)
    assert recall_at_1(embeddings, torch.tensor([0, 0, 1, 0])).item() == pytest.approx(1 / 3)


def test_recall_ranks_other_classes_first_among_ties():
    embeddings = torch.tensor([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    assert recall_at_1(embeddings, torch.tensor([0, 0, 1, 2, 2])).item() == pytest.approx(1 / 2)


@pytest.mark.parametrize("value", [0.0, 0.1])
@pytest.mark.parametrize("count", [2, 20, 500])
def test_recall_of_a_collapse_is_zero_in_any_order(value, count):
    embeddings = torch.full((2 * count, 64), value)
    by_class = torch.arange(2).repeat_interleave(count)
    assert recall_at_1(embeddings, by_class) == 0
    assert recall_at_1(embeddings, by_class.roll(count // 2)) == 0


def test_recall_of_a_member_that_is_not_finite_is_nan(samples):
    embeddings, labels = samples(2, 4, counts=[8, 9])
    embeddings[1, 0, 0] = math.inf
    assert recall_at_1(embeddings, labels).isnan().tolist() == [False, True]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_recall_of_half_precision_is_computed_in_float32(samples, dtype):
    embeddings, labels = samples(4, counts=[8, 9])
    low = embeddings.to(dtype)
    assert recall_at_1(low, labels).dtype == torch.float32
    assert torch.equal(recall_at_1(low, labels), recall_at_1(low.float(), labels))


def test_recall_needs_a_class_of_two_samples():
    with pytest.raises(ValueError, match="at least two samples"):
        recall_at_1(torch.randn(3, 2), torch.tensor([0, 1, 2]))


@pytest.mark.parametrize("measure", [map_at_r, recall_at_1])
def test_no_matrix_of_all_pairs(largest_tensor, measure):
    embeddings, labels = torch.randn(2, 3000, 8), torch.arange(3000) % 1000
    largest = largest_tensor(lambda: measure(embeddings, labels, block_size=64))
    assert largest <= 64 * 3000 * 4


@pytest.mark.long
def test_sixty_thousand_samples(largest_tensor):
    embeddings, labels = torch.randn(60_000, 16), torch.arange(60_000) % 1000
    largest = largest_tensor(lambda: recall_at_1(embeddings, labels))
    assert largest <= 1024 * 60_000 * 4
