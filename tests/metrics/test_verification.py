import math
from itertools import combinations, pairwise

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_curve

from sweeper.metrics import tar_at_far, verification

STEP = 2**-19
RATES = (0.3, 0.1, 0.02, 0.001)


def plain_pairs(embeddings, labels):
    """Return the similarities of genuine and of impostor pairs."""
    genuine, impostor = [], []
    for i, j in combinations(range(len(labels)), 2):
        x, y = embeddings[i], embeddings[j]
        similar = sum(a * b for a, b in zip(x, y, strict=True)) / math.hypot(*x) / math.hypot(*y)
        (genuine if labels[i] == labels[j] else impostor).append(similar)
    return genuine, impostor


def share(similarities, threshold):
    return sum(s >= threshold for s in similarities) / len(similarities)


def plain_tar(genuine, impostor, rate):
    """Return the TAR over grid thresholds at the lower edge of each pair's bin."""
    thresholds = {math.floor(s / STEP) * STEP for s in (*genuine, *impostor)}
    thresholds |= {t + STEP for t in thresholds}
    return max(share(genuine, t) for t in thresholds if share(impostor, t) <= rate)


@pytest.mark.parametrize("block_size", [5, 1024])
def test_rates_of_each_member(samples, block_size):
    embeddings, labels = samples(2, 3, 4, counts=[8, 1, 13, 2, 20])
    result = tar_at_far(embeddings, labels, far=RATES, block_size=block_size)
    assert result.shape == (2, 3, 4)
    for i in range(2):
        for j in range(3):
            pairs = plain_pairs(embeddings[i, j].tolist(), labels.tolist())
            expected = [plain_tar(*pairs, rate) for rate in RATES]
            assert result[i, j].tolist() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("block_size", [1, 5, 1024])
def test_curves_of_each_member(samples, block_size):
    embeddings, labels = samples(2, 4, counts=[8, 1, 13, 2, 20])
    roc = verification(embeddings, labels, block_size=block_size)
    assert roc.thresholds.shape == (2**20 + 1,)
    assert roc.far.shape == roc.tar.shape == (2, 2**20 + 1)
    for k in range(2):
        genuine, impostor = plain_pairs(embeddings[k].tolist(), labels.tolist())
        for index in (0, 1, 2**17, 2**18 + 5, 2**19, 2**19 + 1, 900_000, 2**20):
            threshold = roc.thresholds[index].item()
            assert roc.far[k, index].item() == pytest.approx(share(impostor, threshold), rel=1e-12)
            assert roc.tar[k, index].item() == pytest.approx(share(genuine, threshold), rel=1e-12)


def test_the_grid():
    roc = verification(torch.randn(6, 3), torch.arange(6) % 2)
    assert roc.thresholds[:2].tolist() == [math.inf, 1 - STEP]
    assert roc.thresholds[-1] == -1
    assert ((roc.thresholds[1:-1] - roc.thresholds[2:]) == STEP).all()
    for curve in (roc.far, roc.tar):
        assert curve.dtype == torch.float32
        assert curve[0] == 0
        assert curve[-1] == 1
        assert (curve.diff() >= 0).all()


def test_agrees_with_pytorch_metric_learning(samples):
    embeddings, labels = samples(6, counts=[30, 41, 55], noise=1.5)
    genuine, impostor = plain_pairs(embeddings.tolist(), labels.tolist())
    far, tar, _ = roc_curve([1] * len(genuine) + [0] * len(impostor), genuine + impostor)
    rates = (0.5, 0.1, 1e-2, 1e-3, 0.0)
    expected = [tar[far <= rate].max() for rate in rates]
    # A bin may hold pairs of both kinds; then neither is accepted.
    result = tar_at_far(embeddings, labels, far=rates)
    assert result.tolist() == pytest.approx(expected, abs=2 / len(genuine))
    assert (result.numpy() <= np.array(expected) + 1e-12).all()


def test_worked_example():
    angles = torch.tensor([0.0, 0.1, 0.3, 1.0], dtype=torch.float64)
    embeddings = torch.stack([angles.cos(), angles.sin()], -1)
    labels = torch.tensor([7, 7, 3, 3])
    # Genuine 0.1 and 0.7; impostor 0.2, 0.3, 0.9, 1.0: the threshold between 0.1 and 0.2 accepts no
    # impostor, that between 0.7 and 0.9 two of four.
    result = tar_at_far(embeddings, labels, far=(0, 0.24, 0.25, 0.49, 0.5, 1))
    assert result.tolist() == [0.5, 0.5, 0.5, 0.5, 1.0, 1.0]


def test_a_rate_is_reached_exactly():
    # 100 impostor pairs spaced by 0.01: one of them is 0.01 of all, seven are 0.07.
    angles = torch.arange(100, dtype=torch.float64) * 0.01 + 1
    ones = torch.zeros(1, dtype=torch.float64)
    angles = torch.cat([ones, angles])
    embeddings = torch.stack([angles.cos(), angles.sin()], -1)
    labels = torch.cat([torch.zeros(1), torch.ones(100)]).long()
    far = verification(embeddings, labels).far
    for count in (1, 7, 29, 57):
        assert (far == count / 100).any()
        tar = tar_at_far(embeddings, labels, far=(count / 100, count / 100 - 1e-9))
        curve = verification(embeddings, labels).tar
        assert tar[0] == curve[far <= count / 100].max()
        assert tar[1] == curve[far < count / 100].max()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, 3.7])
def test_a_collapse_scores_zero(dtype, value):
    embeddings = torch.full((1500, 64), value, dtype=dtype)
    for labels in (torch.arange(1500) % 7, torch.arange(1500) // 300):
        assert tar_at_far(embeddings, labels, block_size=400).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("block_size", [17, 1024])
def test_rounding_gives_no_score_to_a_collapse_to_few_points(block_size):
    points = torch.randn(5, 64)
    embeddings = points[torch.arange(600) % 5]
    labels = torch.arange(600) // 5 % 4
    # Every point has samples of all classes: the strictest threshold accepts a fifth of both kinds.
    assert tar_at_far(embeddings, labels, block_size=block_size).tolist() == [0.0, 0.0]


def test_separate_classes_score_one():
    embeddings = torch.eye(3).repeat_interleave(5, 0) + 0.01 * torch.randn(15, 3)
    result = tar_at_far(embeddings, torch.arange(3).repeat_interleave(5))
    assert result.tolist() == [1.0, 1.0]


def test_opposite_vectors_are_on_the_grid():
    embeddings = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 0.0]])
    roc = verification(embeddings, torch.tensor([0, 0, 1, 2]))
    assert roc.tar[1] == 1
    levels = [0, 2**19, 2**19 + 1, 2**20 - 1, 2**20]
    # The zero vector has similarity 0 to three others, accepted from threshold 0 on; -1 occurs
    # twice.
    assert roc.thresholds[2**19] == 0
    assert [roc.far[i].item() for i in levels] == pytest.approx([0, 0.6, 0.6, 0.6, 1])
    for low, high in pairwise(levels):
        assert roc.far[low] <= roc.far[high]


def test_invariant_to_length_and_order(samples):
    embeddings, labels = samples(4, counts=[8, 9, 4])
    expected = tar_at_far(embeddings, labels, far=RATES)
    lengths = torch.linspace(0.1, 30, 21, dtype=torch.float64).unsqueeze(-1)
    assert torch.equal(tar_at_far(embeddings * lengths, labels, far=RATES), expected)
    order = torch.randperm(21)
    other = tar_at_far(embeddings[order], 50 - labels[order], far=RATES)
    assert torch.equal(other, expected)


def test_the_curves_give_the_rates(samples):
    embeddings, labels = samples(3, 4, counts=[80, 90, 40])
    roc = verification(embeddings, labels)
    result = tar_at_far(embeddings, labels, far=RATES)
    for k in range(3):
        for rate, tar in zip(RATES, result[k], strict=True):
            assert roc.tar[k][roc.far[k] <= rate].max() == tar


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(samples, dtype):
    embeddings, labels = samples(4, counts=[8, 9])
    low = embeddings.to(dtype)
    result = tar_at_far(low, labels.to(torch.uint8))
    assert result.dtype == torch.float32
    assert torch.equal(result, tar_at_far(low.float(), labels))
    assert verification(low, labels).far.dtype == torch.float32


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_member_that_is_not_finite_is_nan(samples, value):
    embeddings, labels = samples(2, 4, counts=[8, 9])
    embeddings[1, 0, 0] = value
    assert tar_at_far(embeddings, labels).isnan().tolist() == [[False] * 2, [True] * 2]
    roc = verification(embeddings, labels)
    for curve in (roc.far, roc.tar):
        assert curve.isnan().all(-1).tolist() == curve.isnan().any(-1).tolist() == [False, True]


@pytest.mark.parametrize("measure", [verification, tar_at_far])
def test_needs_pairs_of_both_kinds(measure):
    with pytest.raises(ValueError, match="genuine pair"):
        measure(torch.randn(3, 2), torch.tensor([0, 1, 2]))
    with pytest.raises(ValueError, match="impostor pair"):
        measure(torch.randn(3, 2), torch.tensor([4, 4, 4]))
    with pytest.raises(ValueError, match="labels"):
        measure(torch.randn(3, 2), torch.tensor([4, 4]))


@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_rates_must_be_from_0_to_1(rate):
    with pytest.raises(ValueError, match="from 0 to 1"):
        tar_at_far(torch.randn(4, 2), torch.arange(4) % 2, far=(rate,))


def test_no_rates_give_an_empty_result():
    assert tar_at_far(torch.randn(2, 4, 2), torch.arange(4) % 2, far=()).shape == (2, 0)


@pytest.mark.parametrize("classes", [2, 500])
def test_memory_does_not_grow_with_pairs(largest_tensor, classes):
    """The largest tensor is a block or the histogram; all pairs would take 200 MB."""
    embeddings, labels = torch.randn(5000, 16), torch.arange(5000) % classes
    largest = largest_tensor(lambda: tar_at_far(embeddings, labels, block_size=256))
    assert largest <= 8 * (2**20 + 1) * 2


@pytest.mark.long
def test_sixty_thousand_samples(largest_tensor):
    embeddings, labels = torch.randn(60_000, 16), torch.arange(60_000) % 10
    largest = largest_tensor(lambda: tar_at_far(embeddings, labels))
    assert largest <= 8 * 4 * 1024**2
