"""Splits for retrieval: test classes, and a fold of the others for each seed."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.data import Dataset, split
from sweeper.errors import SweeperError
from tests.support.splits import check


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=6, max_size=30), st.integers(0, 99))
def test_of_retrieval_alone_all_images_of_trained_classes_train(
    sizes: list[int], seed: int
) -> None:
    sizes = [size + 1 for size in sizes]
    labels = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
    names = tuple(map(str, range(len(sizes))))
    dataset = Dataset("x", "x", torch.zeros(len(labels), 1), labels, names)
    result = split(dataset, True, seed, retrieval_alone=True)
    check(dataset, result)
    for fold in result.folds:
        assert not len(fold.validation)
        assert not len(fold.test)
        assert len(fold.train) == sum(sizes[c] for c in fold.trained_classes)


def test_small_classes_spare_no_images_beside_retrieval(make_dataset) -> None:
    sizes = [4, 5, 4, 20, 3, 30, 25, 6, 4, 9, 12, 8]
    dataset = make_dataset([c for c, size in enumerate(sizes) for _ in range(size)])
    result = split(dataset, True)
    check(dataset, result)
    for fold in result.folds:
        spared = dataset.labels[torch.cat([fold.validation, fold.test])].bincount(minlength=12)
        for c in fold.trained_classes:
            assert int(spared[c]) == (0 if sizes[c] < 5 else 2 * max(1, round(0.2 * sizes[c])))


def test_accuracy_beside_retrieval_needs_classes_that_spare_images(make_dataset) -> None:
    dataset = make_dataset([i // 4 for i in range(4 * 40)])
    with pytest.raises(SweeperError, match=r"classes of fewer than 5 images .* retrieval alone$"):
        split(dataset, True)
    alone = split(dataset, True, retrieval_alone=True)
    check(dataset, alone)
    assert len(alone.train) == 4 * 24


def test_folds_train_on_about_as_many_images_of_classes_of_unlike_size(make_dataset) -> None:
    sizes = [round(400 * 0.85**c) + 2 for c in range(42)]
    dataset = make_dataset([c for c, size in enumerate(sizes) for _ in range(size)])
    for seed in range(5):
        result = split(dataset, True, seed, retrieval_alone=True)
        counts = [len(fold.train) for fold in result.folds]
        pool = max(counts)
        assert min(counts) > 0.6 * pool  # without the largest quarter of the classes: 0.15


def test_other_seeds_choose_other_test_classes_and_folds(make_dataset) -> None:
    dataset = make_dataset([i // 9 for i in range(9 * 30)])
    splits = [split(dataset, True, seed) for seed in range(6)]
    assert len({tuple(dataset.labels[each.held_out_test].unique().tolist()) for each in splits}) > 4
    assert len({each.trained_classes for each in splits}) == 6


def test_what_is_fingerprinted_tells_folds_from_the_splits_before_them(make_dataset) -> None:
    dataset = make_dataset([i // 9 for i in range(9 * 8)])
    with_folds, without = split(dataset, True).fingerprint(), split(dataset, False).fingerprint()
    assert with_folds.endswith("-folds")
    assert len(without) == 64
    assert set(without) <= set("0123456789abcdef")
    result = split(dataset, True)
    fewer = dataclasses.replace(result, folds=result.folds[:3])
    assert fewer.fingerprint() != with_folds


@settings(max_examples=60, deadline=None)
@given(st.integers(6, 12), st.integers(4, 12), st.integers(0, 99))
def test_no_group_leaks_between_the_seeds_and_the_test(
    classes: int, groups: int, seed: int
) -> None:
    """What any seed trains on or chooses by shares no group with what is tested."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), 30)
    each = [generator.permutation(np.arange(30) % groups) for _ in range(classes)]
    dataset = Dataset(
        "x", "x", torch.zeros(len(labels), 1), torch.from_numpy(labels),
        tuple(map(str, range(classes))),
        groups=torch.from_numpy(np.concatenate(each)),
    )  # fmt: skip
    for alone in (False, True):
        result = split(dataset, True, seed, alone)
        check(dataset, result)
        tested = {int(dataset.groups[i]) for i in result.held_out_test}
        for fold in result.folds:
            used = torch.cat([fold.train, fold.validation, fold.held_out_validation])
            assert not {int(dataset.groups[i]) for i in used} & tested


def test_groups_of_one_class_each_keep_no_image_from_training(make_dataset) -> None:
    labels = [i // 12 for i in range(12 * 10)]
    dataset = make_dataset(labels, groups=[i // 4 for i in range(12 * 10)])
    result = split(dataset, True, retrieval_alone=True)
    check(dataset, result)
    for fold in result.folds:
        assert len(fold.train) == 12 * 6
        assert len(fold.held_out_validation) == 12 * 2


def test_copies_of_images_of_small_classes_all_train(make_dataset) -> None:
    """A class that spares no images has copies in larger classes: no split separates them.

    Where the class is held out its images are in no other set, since their copies train.
    """
    sizes = [4, *[20] * 11]
    labels = [c for c, size in enumerate(sizes) for _ in range(size)]
    copies = list(range(len(labels)))
    for small in range(4):
        for c in range(1, 12):
            copies[4 + 20 * (c - 1) + small] = small
    dataset = dataclasses.replace(make_dataset(labels), copies=torch.tensor(copies))
    for seed in range(5):
        result = split(dataset, True, seed)
        assert not (dataset.copies[result.held_out_test] < 4).any()
        for fold in result.folds:
            spared = torch.cat([fold.validation, fold.test, fold.held_out_validation])
            assert not (dataset.copies[spared] < 4).any()


@settings(max_examples=60, deadline=None)
@given(st.integers(9, 14), st.integers(0, 25), st.integers(0, 99), st.booleans())
def test_no_copy_of_what_trains_is_retrieved_or_tested(
    classes: int, linked: int, seed: int, alone: bool
) -> None:
    """Images under two labels, in classes that train, are chosen by, and are tested."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), 12)
    copies = np.arange(len(labels))
    for _ in range(linked):
        one, other = generator.choice(len(labels), 2, replace=False)
        copies[copies == copies[other]] = copies[one]
    dataset = Dataset(
        "x", "x", torch.zeros(len(labels), 1), torch.from_numpy(labels),
        tuple(map(str, range(classes))), copies=torch.from_numpy(copies),
    )  # fmt: skip
    result = split(dataset, True, seed, alone)
    check(dataset, result)

    def of(positions: torch.Tensor) -> set[int]:
        return set(dataset.copies[positions].tolist())

    for fold in result.folds:
        assert not of(fold.train) & of(torch.cat([fold.validation, fold.test]))
        assert not of(fold.train) & of(fold.held_out_validation)
        used = torch.cat([fold.train, fold.validation, fold.held_out_validation])
        assert not of(used) & of(result.held_out_test)
        assert not of(used) & of(fold.test)
    for held_out in (result.held_out_test, *(fold.held_out_validation for fold in result.folds)):
        pairs = list(zip(copies[held_out], labels[held_out], strict=True))
        assert len(set(pairs)) == len(pairs)  # no image retrieves its own copy


def test_where_copies_leave_nothing_to_retrieve_the_message_says_so(make_dataset) -> None:
    labels = [i // 6 for i in range(6 * 6)]
    dataset = dataclasses.replace(make_dataset(labels), copies=torch.arange(36) % 6)
    with pytest.raises(SweeperError, match=r"since copies .* give each image one label, or choose"):
        split(dataset, True, retrieval_alone=True)
