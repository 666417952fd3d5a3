import math

import pytest
import torch

from sweeper.metrics import calibration, expected_calibration_error, mean_confidence


def plain_confidence(row):
    return 1 / sum(math.exp(z - max(row)) for z in row)


def plain_error(logits, labels, bins):
    held = [[] for _ in range(bins)]
    for row, label in zip(logits, labels, strict=True):
        confidence = plain_confidence(row)
        m = next(m for m in range(bins) if confidence <= (m + 1) / bins or m == bins - 1)
        held[m].append((row.index(max(row)) == label, confidence))
    error = 0.0
    for members in filter(None, held):
        right, confidence = (sum(column) / len(members) for column in zip(*members, strict=True))
        error += len(members) / len(labels) * abs(right - confidence)
    return error


@pytest.mark.parametrize("bins", [1, 2, 15, 40])
def test_error_of_each_member(samples, bins):
    logits, labels = samples(2, 3, 4, counts=[9, 50, 7, 11])
    result = expected_calibration_error(3 * logits, labels, bins=bins)
    assert result.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            expected = plain_error((3 * logits[i, j]).tolist(), labels.tolist(), bins)
            assert result[i, j].item() == pytest.approx(expected, rel=1e-9)
            alone = expected_calibration_error(3 * logits[i, j], labels, bins=bins)
            assert alone.item() == pytest.approx(expected, rel=1e-9)


def test_confidence_of_each_member(samples):
    logits, labels = samples(3, 4, counts=[9, 5, 7, 11])
    result = mean_confidence(logits)
    for k in range(3):
        expected = sum(map(plain_confidence, logits[k].tolist())) / len(labels)
        assert result[k].item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("block", [1, 7, 64])
def test_blocks_do_not_matter(samples, block, monkeypatch):
    logits, labels = samples(2, 3, counts=[20, 30, 13])
    expected = expected_calibration_error(logits, labels), mean_confidence(logits)
    monkeypatch.setattr(calibration, "_BLOCK", block)
    assert torch.equal(expected_calibration_error(logits, labels), expected[0])
    assert torch.equal(mean_confidence(logits), expected[1])


def test_a_confidence_on_an_edge_belongs_to_the_lower_bin():
    # 1/2 lies in (0, 1/2], the lower of two bins, apart from the wrong prediction of confidence 1.
    logits = torch.tensor([[0.0, 0.0], [100.0, 0.0]])
    error = expected_calibration_error(logits, torch.tensor([0, 1]), bins=2)
    assert error.item() == pytest.approx((0.5 + 1.0) / 2)


def test_five_equal_logits_lie_in_the_third_bin_of_fifteen():
    # 1/5 = 3/15 shares a bin with 0.19: (correct + correct) - 0.39, over 2.
    other = torch.tensor([0.19, 0.17, 0.17, 0.17, 0.15, 0.15]).log()
    equal = torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, -200.0])
    error = expected_calibration_error(torch.stack([equal, other]), torch.tensor([0, 1]))
    assert error.item() == pytest.approx(abs(1 - 0.39) / 2, abs=1e-6)


def test_confident_and_correct_is_calibrated():
    logits, labels = 1e4 * torch.eye(3), torch.arange(3)
    assert expected_calibration_error(logits, labels) == 0
    assert mean_confidence(logits) == 1
    assert expected_calibration_error(logits, labels.roll(1)) == 1


def test_equal_logits_are_correct_by_chance():
    logits, labels = torch.zeros(30, 3), torch.arange(3).repeat(10)
    assert expected_calibration_error(logits, labels).item() == pytest.approx(0, abs=1e-6)
    assert mean_confidence(logits).item() == pytest.approx(1 / 3)


def test_no_copy_of_all_logits(largest_tensor):
    logits, labels = torch.randn(40_000, 100).bfloat16(), torch.arange(40_000) % 100
    largest = largest_tensor(lambda: expected_calibration_error(logits, labels))
    assert largest < logits.numel()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(samples, dtype):
    logits, labels = samples(4, counts=[9, 5, 7, 11])
    low = logits.to(dtype)
    for given in ((expected_calibration_error, labels), (mean_confidence,)):
        measure, *rest = given
        assert measure(low, *rest).dtype == torch.float32
        assert torch.equal(measure(low, *rest), measure(low.float(), *rest))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_member_that_is_not_finite_is_nan(samples, value):
    logits, labels = samples(2, 3, counts=[4, 4, 4])
    logits[1, 5, 0] = value
    assert expected_calibration_error(logits, labels).isnan().tolist() == [False, True]
    assert mean_confidence(logits).isnan().tolist() == [False, True]


def test_bad_input():
    with pytest.raises(ValueError, match="at least one bin"):
        expected_calibration_error(torch.zeros(2, 2), torch.tensor([0, 1]), bins=0)
    with pytest.raises(ValueError, match="labels"):
        expected_calibration_error(torch.zeros(2, 2), torch.tensor([0, 1, 1]))
    with pytest.raises(ValueError, match="one row per sample"):
        mean_confidence(torch.zeros(0, 2))
