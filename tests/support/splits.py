"""What holds of every split of a data set."""

import math

import torch

from sweeper.data import Dataset, Split


def sides(result: Split) -> list[list[int]]:
    return [result.train.tolist(), result.validation.tolist(), result.test.tolist()]


def held(result: Split) -> list[list[int]]:
    return [result.held_out_validation.tolist(), result.held_out_test.tolist()]


def check(dataset: Dataset, result: Split, noisy: bool = False) -> None:
    """What holds of every split, in plain Python; with held-out classes for every seed."""
    for fold in result.folds:
        check(dataset, fold, noisy)
    if result.folds:
        check_folds(dataset, result)
    labels = dataset.labels.tolist()
    everything = [i for side in sides(result) + held(result) for i in side]
    assert len(everything) == len(set(everything))
    trained = [i for i, label in enumerate(labels) if label in result.trained_classes]
    assert sorted(i for side in sides(result) for i in side) == trained
    assert {labels[i] for i in result.train.tolist()} == set(result.trained_classes)
    keeps_all = len(result.validation) + len(result.test) == 0
    for side, relabeled in zip(
        sides(result), (result.train_labels, result.validation_labels, result.test_labels),
        strict=True,
    ):  # fmt: skip
        assert side or (keeps_all and side is not sides(result)[0])
        assert side == sorted(side)
        assert relabeled.dtype == torch.int64
        if not (noisy and relabeled is result.train_labels):
            assert [result.trained_classes[c] for c in relabeled.tolist()] == [
                labels[i] for i in side
            ]
    classes = [{labels[i] for i in side} for side in held(result)]
    assert not classes[0] & classes[1]
    assert not (classes[0] | classes[1]) & set(result.trained_classes)
    if dataset.groups is not None:
        group = dataset.groups.tolist()
        a, b, c = ({group[i] for i in side} for side in sides(result))
        d, e = ({group[i] for i in side} for side in held(result))
        for left, right in [(a, b), (a, c), (b, c), (a, d), (a, e), (b, e), (c, d), (d, e)]:
            assert not left & right


def check_folds(dataset: Dataset, result: Split) -> None:
    """What holds of the splits of all seeds together."""
    labels = dataset.labels.tolist()
    number = len(set(labels))
    tested = {labels[i] for i in result.held_out_test.tolist()}
    held = [set(range(number)) - set(fold.trained_classes) for fold in result.folds]
    kept_for_test = set.intersection(*held)
    assert len(kept_for_test) == max(2, round(number / 5))
    assert tested <= kept_for_test
    folds = [fold - kept_for_test for fold in held]
    assert set.union(*folds) == set(range(number)) - kept_for_test
    (size,) = {len(fold) for fold in folds}  # all have one size
    assert size == max(2, math.ceil((number - len(kept_for_test)) / 4))
    for fold, own in zip(result.folds, folds, strict=True):
        assert {labels[i] for i in fold.held_out_validation.tolist()} <= own
        assert fold.held_out_test.equal(result.held_out_test)
    assert result.train.equal(result.folds[0].train)
    for seed in range(8):
        assert result.of_seed(seed) is result.folds[seed % 4]
    assert result.images_per_epoch == min(len(fold.train) for fold in result.folds)
