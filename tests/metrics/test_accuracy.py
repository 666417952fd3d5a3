import math

import pytest
import torch
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, balanced_accuracy_score, recall_score

from sweeper.metrics import accuracy, balanced_accuracy, class_recall, majority_baseline


def test_accuracy_of_each_member(samples):
    logits, labels = samples(2, 3, 4, counts=[9, 5, 7, 11])
    result = accuracy(logits, labels)
    assert result.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            expected = accuracy_score(labels, logits[i, j].argmax(-1))
            assert result[i, j].item() == pytest.approx(expected, abs=1e-6)


def test_accuracy_of_a_single_member():
    logits = torch.tensor([[2.0, 1.0], [0.0, 1.0], [3.0, 1.0]])
    assert accuracy(logits, torch.tensor([0, 1, 1])).item() == pytest.approx(2 / 3)


def test_recall_of_each_class(samples):
    logits, labels = samples(3, 4, counts=[9, 5, 7, 11])
    result = class_recall(logits, labels, 4)
    assert result.shape == (3, 4)
    for k in range(3):
        expected = recall_score(labels, logits[k].argmax(-1), average=None)
        assert result[k].tolist() == pytest.approx(expected.tolist(), abs=1e-6)


@pytest.mark.parametrize("counts", [[9, 5, 7, 11], [40, 1, 0, 2]])
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_balanced_accuracy_is_that_of_scikit_learn(samples, counts):
    logits, labels = samples(2, 3, 4, counts=counts)
    result = balanced_accuracy(logits, labels, 4)
    assert result.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            expected = balanced_accuracy_score(labels, logits[i, j].argmax(-1))
            assert result[i, j].item() == pytest.approx(expected, abs=1e-6)


def test_the_majority_baseline_is_the_accuracy_of_a_constant_guess():
    labels = torch.tensor([2, 0, 2, 2, 1, 2])
    constant = DummyClassifier(strategy="most_frequent").fit(torch.zeros(6, 1), labels)
    expected = constant.score(torch.zeros(6, 1), labels)
    assert majority_baseline(labels).item() == pytest.approx(expected, abs=1e-6)


def test_a_class_without_samples_has_no_recall():
    result = class_recall(torch.eye(3)[:2], torch.tensor([0, 1]), 3)
    assert result[:2].tolist() == [1.0, 1.0]
    assert result[2].isnan()


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_member_that_is_not_finite_is_nan(samples, value):
    logits, labels = samples(2, 3, counts=[4, 4, 4])
    logits[1, 5, 0] = value
    assert accuracy(logits, labels).isnan().tolist() == [False, True]
    assert class_recall(logits, labels, 3).isnan().tolist() == [[False] * 3, [True] * 3]
    assert balanced_accuracy(logits, labels, 3).isnan().tolist() == [False, True]


def test_half_precision_counts_exactly():
    logits = torch.eye(2, dtype=torch.bfloat16).repeat(3000, 1)
    labels = torch.tensor([0, 1]).repeat(3000)
    labels[0] = 1
    assert accuracy(logits, labels).item() == pytest.approx(5999 / 6000, abs=1e-7)


@pytest.mark.parametrize(
    ("shape", "labels"),
    [((3, 2), [0, 1]), ((3,), [0, 1, 0]), ((0, 2), []), ((2, 2), [0.0, 1.0])],
)
def test_labels_must_be_one_per_sample(shape, labels):
    with pytest.raises(ValueError, match="labels"):
        accuracy(torch.zeros(shape), torch.tensor(labels))


@pytest.mark.parametrize("label", [-1, 2])
def test_recall_with_labels_out_of_range(label):
    with pytest.raises(ValueError, match="from 0 to 1"):
        class_recall(torch.zeros(2, 2), torch.tensor([0, label]), 2)
