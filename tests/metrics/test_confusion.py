import math

import pytest
import sklearn.metrics
import torch

from sweeper.metrics import class_precision, class_recall, confusion_matrix


def plain_confusion(logits, labels, num_classes):
    counts = [[0] * num_classes for _ in range(num_classes)]
    for row, label in zip(logits, labels, strict=True):
        counts[label][row.index(max(row))] += 1
    return counts


def test_counts_of_each_member(samples):
    logits, labels = samples(2, 3, 4, counts=[9, 5, 7, 11])
    result = confusion_matrix(logits, labels, 4)
    assert result.shape == (2, 3, 4, 4)
    assert result.dtype == torch.int64
    for i in range(2):
        for j in range(3):
            expected = plain_confusion(logits[i, j].tolist(), labels.tolist(), 4)
            assert result[i, j].tolist() == expected
            other = sklearn.metrics.confusion_matrix(labels, logits[i, j].argmax(-1))
            assert expected == other.tolist()


def test_rows_are_the_true_classes():
    logits = torch.tensor([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    result = confusion_matrix(logits, torch.tensor([0, 1, 0], dtype=torch.uint8), 3)
    assert result.tolist() == [[0, 1, 1], [0, 1, 0], [0, 0, 0]]


def test_agrees_with_recall(samples):
    logits, labels = samples(3, 4, counts=[9, 5, 7, 11])
    counts = confusion_matrix(logits, labels, 4)
    shares = counts.diagonal(dim1=-2, dim2=-1) / counts.sum(-1)
    torch.testing.assert_close(shares, class_recall(logits, labels, 4))


def test_precision_of_each_class(samples):
    logits, labels = samples(3, 4, counts=[9, 5, 7, 11])
    result = class_precision(logits, labels, 4)
    assert result.shape == (3, 4)
    for k in range(3):
        expected = sklearn.metrics.precision_score(
            labels, logits[k].argmax(-1), average=None, zero_division=math.nan
        )
        assert result[k].tolist() == pytest.approx(expected.tolist(), abs=1e-6, nan_ok=True)


def test_a_class_never_predicted_has_no_precision():
    logits = torch.eye(3)[[0, 1, 0]]
    result = class_precision(logits, torch.tensor([0, 1, 2]), 3)
    assert result[:2].tolist() == [0.5, 1.0]
    assert result[2].isnan()


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_member_that_is_not_finite_counts_nothing(samples, value):
    logits, labels = samples(2, 3, counts=[4, 4, 4])
    logits[1, 5, 0] = value
    assert confusion_matrix(logits, labels, 3).sum((-2, -1)).tolist() == [12, 0]
    assert class_precision(logits, labels, 3)[1].isnan().all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_counts_exactly(dtype):
    logits = torch.eye(2, dtype=dtype).repeat(3000, 1)
    labels = torch.tensor([0, 1]).repeat(3000)
    labels[0] = 1
    assert confusion_matrix(logits, labels, 2).tolist() == [[2999, 0], [1, 3000]]
    result = class_precision(logits, labels, 2)
    assert result.dtype == torch.float32
    assert result.tolist() == pytest.approx([2999 / 3000, 1.0], abs=1e-7)


@pytest.mark.parametrize("num_classes", [2, 4])
def test_one_logit_per_class(num_classes):
    with pytest.raises(ValueError, match=r"logits|from 0 to"):
        confusion_matrix(torch.zeros(2, 3), torch.tensor([0, 1]), num_classes)


@pytest.mark.parametrize("label", [-1, 2])
def test_labels_out_of_range(label):
    with pytest.raises(ValueError, match="from 0 to 1"):
        confusion_matrix(torch.zeros(2, 2), torch.tensor([0, label]), 2)
