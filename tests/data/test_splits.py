import dataclasses
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.data import TEST, TRAIN, VALIDATION, Dataset, Split, load, split, training_part
from sweeper.errors import SweeperError
from tests.support.splits import check, held, sides


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(3, 40), min_size=6, max_size=30), st.booleans(), st.integers(0, 99))
def test_images_without_parts_or_groups(sizes: list[int], hold_out: bool, seed: int) -> None:
    labels = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
    dataset = Dataset(
        "x", "x", torch.zeros(len(labels), 1), labels, tuple(map(str, range(len(sizes))))
    )
    if hold_out and sum(size >= 5 for size in sizes) < len(sizes):
        alone = split(dataset, hold_out, seed, retrieval_alone=True)
        check(dataset, alone)
        sizes = [max(5, size) for size in sizes]
        labels = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
        dataset = dataclasses.replace(dataset, inputs=torch.zeros(len(labels), 1), labels=labels)
    result = split(dataset, hold_out, seed)
    check(dataset, result)
    for fold in result.folds or (result,):
        for c in fold.trained_classes:
            train, validation, test = (int((labels[side] == c).sum()) for side in sides(fold))
            assert validation == test == max(1, round(0.2 * sizes[c]))
            assert train >= 1
        for side in held(fold):
            assert len(side) == sum(sizes[c] for c in {int(labels[i]) for i in side})


@settings(max_examples=60, deadline=None)
@given(st.integers(6, 9), st.integers(4, 12), st.booleans(), st.integers(0, 99))
def test_no_group_leaks(classes: int, groups: int, hold_out: bool, seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), 30)
    each = [generator.permutation(np.arange(30) % groups) for _ in range(classes)]
    dataset = Dataset(
        "x", "x", torch.zeros(len(labels), 1), torch.from_numpy(labels),
        tuple(map(str, range(classes))),
        groups=torch.from_numpy(np.concatenate(each)),
    )  # fmt: skip
    check(dataset, split(dataset, hold_out, seed))


def test_the_same_seed_gives_the_same_split_and_another_one_another(make_dataset) -> None:
    dataset = make_dataset([c for c in range(8) for _ in range(20)])
    for hold_out in (False, True):
        one, same, other = (split(dataset, hold_out, seed) for seed in (1, 1, 2))
        assert one.fingerprint() == same.fingerprint()
        assert (sides(one), held(one)) == (sides(same), held(same))
        assert one.fingerprint() != other.fingerprint()
        assert sides(one) != sides(other)
    assert split(dataset, True, 1).trained_classes != split(dataset, True, 2).trained_classes


def test_the_fingerprint_is_the_same_in_another_process() -> None:
    code = (
        "from sweeper.data import load, split\n"
        "d = load('digits[per_class=30, noise=0.2]')\n"
        "print(d.fingerprint(), split(d, True, 4).fingerprint())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    dataset = load("digits[per_class=30, noise=0.2]")
    assert run.stdout.split() == [dataset.fingerprint(), split(dataset, True, 4).fingerprint()]


def test_the_fingerprint_sees_every_field(make_dataset) -> None:
    result = split(make_dataset([c for c in range(8) for _ in range(20)]), True)
    for field in dataclasses.fields(Split):
        value = getattr(result, field.name)
        if isinstance(value, torch.Tensor):
            changed = value.clone()
            changed[0] += 1
        else:
            changed = value + 1 if isinstance(value, int) else value[::-1]
        other = dataclasses.replace(result, **{field.name: changed})
        assert other.fingerprint() != result.fingerprint()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.37, 1.0])
def test_label_noise(make_dataset, share: float) -> None:
    labels = [c for c in range(5) for _ in range(40)]
    clean = split(make_dataset(labels), False)
    dataset = make_dataset(labels, label_noise=share, seed=3)
    noisy = split(dataset, False)
    check(dataset, noisy, noisy=True)
    assert sides(noisy) == sides(clean)
    changed = noisy.train_labels != clean.train_labels
    assert int(changed.sum()) == round(share * len(clean.train))
    assert set(noisy.train_labels.tolist()) <= set(range(5))
    if share == 1:
        moves = Counter(((noisy.train_labels - clean.train_labels) % 5).tolist())
        assert set(moves) == {1, 2, 3, 4}
        assert min(moves.values()) > 15  # 30 of 120 each if all other classes are equally likely
    if 0 < share < 1:
        other = split(make_dataset(labels, label_noise=share, seed=4), False)
        assert other.train_labels.tolist() != noisy.train_labels.tolist()


def test_what_one_trains_on_in_the_end_is_all_but_given_parts(make_dataset) -> None:
    labels = [i // 10 for i in range(60)]
    parts = [TRAIN, TRAIN, TRAIN, VALIDATION, TEST] * 12
    for some, kept in ((None, list(range(60))), (parts, [i for i in range(60) if i % 5 < 3])):
        inputs, true = training_part(make_dataset(labels, parts=some))
        assert inputs.flatten().tolist() == kept  # each input is its own position
        assert true.tolist() == [labels[i] for i in kept]
        _, noisy = training_part(make_dataset(labels, parts=some, label_noise=0.5))
        assert int((noisy != true).sum()) == round(0.5 * len(kept))


def test_given_parts_are_kept(make_dataset) -> None:
    parts = [TRAIN, TRAIN, TRAIN, VALIDATION, TEST] * 12
    dataset = make_dataset([i // 10 for i in range(60)], parts=parts)
    result = split(dataset, False)
    check(dataset, result)
    for part, side in zip((TRAIN, VALIDATION, TEST), sides(result), strict=True):
        assert side == [i for i, p in enumerate(parts) if p == part]


@pytest.mark.parametrize(("given", "cut"), [(TEST, VALIDATION), (VALIDATION, TEST)])
def test_the_missing_part_is_a_fifth_of_train(make_dataset, given: int, cut: int) -> None:
    parts = ([TRAIN] * 10 + [given] * 5) * 6
    dataset = make_dataset([i // 15 for i in range(90)], parts=parts)
    result = split(dataset, False)
    check(dataset, result)
    assert sides(result)[given] == [i for i, p in enumerate(parts) if p == given]
    assert dataset.labels[sides(result)[cut]].bincount().tolist() == [2] * 6


def test_given_parts_with_groups(make_dataset) -> None:
    groups = [i // 3 for i in range(90)]
    parts = [TEST if g % 5 == 4 else TRAIN for g in groups]
    dataset = make_dataset([i // 15 for i in range(90)], groups, parts)
    result = split(dataset, False)
    check(dataset, result)
    assert result.test.tolist() == [i for i, p in enumerate(parts) if p == TEST]
    with pytest.raises(SweeperError, match=r"group 'anna' stands in two given parts"):
        split(
            make_dataset([i // 15 for i in range(90)], [1] * 90, parts, group_names=("x", "anna")),
            False,
        )


def test_held_out_classes_use_the_given_parts(make_dataset) -> None:
    parts = [TRAIN, TRAIN, VALIDATION, TEST, TEST] * 24
    dataset = make_dataset([i // 15 for i in range(120)], parts=parts)
    result = split(dataset, True)
    check(dataset, result)
    assert len(result.held_out_validation) == 2 * 9
    assert len(result.held_out_test) == 2 * 6
    assert all(parts[i] != TEST for i in result.held_out_validation)
    assert all(parts[i] == TEST for i in result.held_out_test)


def test_held_out_test_classes_with_one_test_image_use_all(make_dataset) -> None:
    parts = ([TRAIN] * 14 + [TEST]) * 8
    dataset = make_dataset([i // 15 for i in range(120)], parts=parts)
    result = split(dataset, True)
    check(dataset, result)
    assert len(result.held_out_test) == 2 * 15
    assert len(result.held_out_validation) == 2 * 14


def test_held_out_sets_are_bounded_and_even(make_dataset) -> None:
    sizes = [3000, 2900, 100, 2800, 50, 2500, 2700, 2600, 700, 600, 500, 400]
    dataset = make_dataset([c for c, size in enumerate(sizes) for _ in range(size)])
    for seed in range(4):
        result = split(dataset, True, seed)
        check(dataset, result)
        for side in held(result):
            counts = Counter(dataset.labels[side].tolist())
            there = sum(sizes[c] for c in counts)
            assert len(side) == there if there <= 2000 else 1990 < len(side) <= 2000
            largest = max(counts.values())
            assert all(count in (largest, sizes[c]) for c, count in counts.items())
    assert held(split(dataset, True, 1)) == held(split(dataset, True, 1))


def test_held_out_sets_of_very_many_classes_are_bounded(make_dataset) -> None:
    dataset = make_dataset([i // 3 for i in range(3 * 6600)])
    for side in held(split(dataset, True, retrieval_alone=True)):
        counts = Counter(dataset.labels[side].tolist())
        assert len(side) == 2000
        assert set(counts.values()) == {2}


def test_too_few_classes(make_dataset) -> None:
    dataset = make_dataset([c for c in range(5) for _ in range(9)])
    with pytest.raises(
        SweeperError,
        match="retrieval needs at least 6 classes, made has 5; choose another objective",
    ):
        split(dataset, True)
    assert split(dataset, False).trained_classes == (0, 1, 2, 3, 4)
    assert split(make_dataset([c for c in range(6) for _ in range(9)]), True)


@pytest.mark.parametrize(
    ("labels", "groups", "parts", "says"),
    [
        ([0, 0, 0, 1, 1], None, None, "class 'class 1' has too few images to split: 2, where 3"),
        ([0, 0, 0, 1, 1], None, [0, 0, 2, 0, 2], "class 'class 1' has too few images to split: 1"),
        ([0, 0, 0, 1, 1], None, [0, 1, 2, 1, 2], "class 'class 1' has no training images"),
        ([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1], None, "its groups cannot be divided"),
        ([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 0, 1], None, "its groups cannot be divided"),
        (
            [0, 0, 1, 1, 0, 1, 1],
            None,
            [0, 1, 0, 1, 2, 0, 0],
            "its given parts leave no class but 'class 0' for test",
        ),
        (
            [0, 0, 1, 1, 1, 0, 1],
            None,
            [0, 0, 0, 0, 1, 2, 2],
            "its given parts leave no class but 'class 1' for validation",
        ),
        ([0, 0, 0, 1, 1, 1], [0, 0, 1, 2, 2, 3], None, "its groups leave no class but"),
    ],
)
def test_impossible_splits(make_dataset, labels, groups, parts, says: str) -> None:
    with pytest.raises(SweeperError, match=r"^[^\n]*$") as caught:
        split(make_dataset(labels, groups, parts), False)
    assert says in str(caught.value)


def dataset_labels(result: Split) -> list[int]:
    """The labels of what retrieval is tested on, in a data set of ten images a class."""
    return [i // 10 for i in result.held_out_test.tolist()]


def test_groups_that_leave_nothing_to_retrieve(make_dataset) -> None:
    """All images that retrieval is tested on belong to the group that most of the others train."""
    labels = [c for c in range(6) for _ in range(10)]
    tested = set(dataset_labels(split(make_dataset(labels), True)))
    groups = [0 if label in tested or i % 2 else 1 + i % 10 // 2 for i, label in enumerate(labels)]
    with pytest.raises(SweeperError, match="fewer than two classes held out for test"):
        split(make_dataset(labels, groups), True)


def test_a_group_of_held_out_classes_alone_is_left_out_nowhere(make_dataset) -> None:
    labels = [c for c in range(10) for _ in range(20)]
    groups = [30 + label if i % 20 < 6 else i % 7 for i, label in enumerate(labels)]
    dataset = make_dataset(labels, groups)
    result = split(dataset, True)
    check(dataset, result)
    own = {i for i, group in enumerate(groups) if group >= 30}
    for fold in result.folds:
        everything = {i for side in held(fold) for i in side}
        assert {i for i in own if labels[i] not in fold.trained_classes} <= everything
