"""Fixes which images train, which choose and which test, and which classes are held out."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sweeper.data.assign import assign_groups, assign_images, group_counts
from sweeper.data.dataset import TEST, TRAIN, VALIDATION, Dataset
from sweeper.data.held_out import hold_out_images
from sweeper.data.leaks import align
from sweeper.data.stable_random import below, permutation
from sweeper.errors import SweeperError

_Indices = NDArray[np.int64]

#: Shares of train, validation and test where the source gives no parts.
_SHARES = (0.6, 0.2, 0.2)
#: Shares of train and of the one part that has to be cut from it.
_CUT = (0.8, 0.2)
#: Fewer classes cannot be cut into trained ones and two held-out sets of two or more.
_FEWEST_CLASSES = 6


@dataclass(frozen=True, eq=False)
class Split:
    """Positions in a data set, all int64 ``[n]`` and ascending, and the labels that go with them.

    Attributes:
        trained_classes: the classes that are trained; label i of the split is class
            ``trained_classes[i]`` of the data set.
        train: images of the trained classes to train on.
        validation: those that hyperparameters are chosen on.
        test: those that are read once.
        train_labels: 0 to the number of trained classes less one, label noise applied.
        validation_labels: the same, true.
        test_labels: the same, true.
        held_out_validation: images of classes that are not trained, to choose on by retrieval.
        held_out_test: images of yet other classes, to test retrieval on.
        seed: what the split was drawn with.
    """

    trained_classes: tuple[int, ...]
    train: Tensor
    validation: Tensor
    test: Tensor
    train_labels: Tensor
    validation_labels: Tensor
    test_labels: Tensor
    held_out_validation: Tensor
    held_out_test: Tensor
    seed: int

    def fingerprint(self) -> str:
        """Return a SHA-256 over all positions and labels, as 64 hexadecimal digits."""
        digest = hashlib.sha256(repr((self.trained_classes, self.seed)).encode())
        for name, value in vars(self).items():
            if isinstance(value, Tensor):
                digest.update(f"{name}{len(value)};".encode())
                digest.update(value.numpy().astype("<i8").tobytes())
        return digest.hexdigest()


def split(dataset: Dataset, hold_out: bool, seed: int = 0) -> Split:
    """Split a data set, the same way for the same seed on every machine.

    Without given parts 60 % of each class's images train, 20 % choose and 20 % test, at least one
    of each. Given parts are kept; of the given training part 20 % become the validation or test
    part if there is none. No group stands on two sides: groups are assigned as a whole, as evenly
    over the classes as they allow.

    With ``hold_out``, a quarter of the C classes (rounded up) is held out for validation and
    another for test, for retrieval. Given parts: held-out validation classes use the images
    outside the given test part, held-out test classes those in it, and all of theirs if that
    leaves a class with fewer than two. Held-out images whose group stands on another side are left
    out. At most 2,000 images a held-out set, evenly over its classes and chosen by the seed, since
    the cost of MAP@R grows with their square.

    Label noise replaces a share of the training labels, rounded to whole images, by another
    trained class; it depends on the data set's own seed and never on which images are where.

    Args:
        dataset: what to split.
        hold_out: whether classes are held out for retrieval.
        seed: a whole number from 0.

    Raises:
        SweeperError: too few classes to hold any out, too few images of a class, a class without
            training images, only one class to validate or to test on, a group on two sides of the
            given parts, or groups that cannot be divided.
    """
    labels = dataset.labels.numpy()
    _check_given_groups(dataset)
    trained, *held = _choose_classes(dataset, hold_out, seed)
    positions = np.flatnonzero(np.isin(labels, trained))
    side = np.full(len(labels), -1)
    side[positions] = _assign(dataset, positions, trained, seed)
    validation, test = (
        hold_out_images(dataset, held, side, seed) if hold_out else (positions[:0], positions[:0])
    )
    relabel = np.full(dataset.num_classes, -1)
    relabel[trained] = np.arange(len(trained))
    train, choose, read_once = (np.flatnonzero(side == s) for s in (TRAIN, VALIDATION, TEST))
    true = relabel[labels[train]]
    noisy = _replace_labels(true, len(trained), dataset.label_noise, dataset.seed)
    return Split(
        trained_classes=tuple(trained.tolist()),
        train=torch.from_numpy(train),
        validation=torch.from_numpy(choose),
        test=torch.from_numpy(read_once),
        train_labels=torch.from_numpy(noisy),
        validation_labels=torch.from_numpy(relabel[labels[choose]]),
        test_labels=torch.from_numpy(relabel[labels[read_once]]),
        held_out_validation=torch.from_numpy(validation),
        held_out_test=torch.from_numpy(test),
        seed=seed,
    )


def training_part(dataset: Dataset) -> tuple[Tensor, Tensor]:
    """Return what one trains on in the end: all but given validation and test parts.

    Returns:
        Inputs ``[n, ...]``, and labels ``[n]`` of all classes, label noise applied.
    """
    chosen = torch.arange(len(dataset))
    if dataset.parts is not None:
        chosen = (dataset.parts == TRAIN).nonzero().flatten()
    true = dataset.labels[chosen].numpy()
    noisy = _replace_labels(true, dataset.num_classes, dataset.label_noise, dataset.seed)
    return dataset.inputs[chosen], torch.from_numpy(noisy)


def _choose_classes(dataset: Dataset, hold_out: bool, seed: int) -> list[_Indices]:
    """Return the trained classes, and those held out for validation and for test."""
    number = dataset.num_classes
    if not hold_out:
        return [np.arange(number)]
    if number < _FEWEST_CLASSES:
        raise SweeperError(
            f"retrieval needs at least {_FEWEST_CLASSES} classes, {dataset.name} has {number}; "
            "choose another objective"
        )
    quarter = math.ceil(number / 4)
    order = permutation(number, "classes", seed)
    cut = (order[2 * quarter :], order[:quarter], order[quarter : 2 * quarter])
    return [np.sort(classes) for classes in cut]


def _check_given_groups(dataset: Dataset) -> None:
    """Raise a SweeperError if a group stands in two given parts."""
    if dataset.groups is None or dataset.parts is None:
        return
    pairs = torch.unique(torch.stack([dataset.groups, dataset.parts.long()]), dim=1)
    groups, times = torch.unique(pairs[0], return_counts=True)
    if (times > 1).any():
        group = int(groups[times > 1][0])
        name = dataset.group_names[group] if dataset.group_names else group
        raise SweeperError(
            f"{dataset.name}: group {name!r} stands in two given parts, so the split leaks; "
            "give each group one part or leave the parts out"
        )


def _assign(dataset: Dataset, positions: _Indices, trained: _Indices, seed: int) -> _Indices:
    """Return the side of each image of the trained classes: TRAIN, VALIDATION or TEST."""
    if dataset.parts is None:
        given = np.full(len(positions), TRAIN)
    else:
        given = dataset.parts.numpy()[positions].astype(np.int64)
    missing = [part for part in (VALIDATION, TEST) if not (given == part).any()]
    sides = np.array([TRAIN, *missing])
    if missing:
        cut = given == TRAIN
        shares = _SHARES if len(missing) == 2 else _CUT
        given[cut] = sides[_divide(dataset, positions[cut], trained, shares, seed)]
    counts = np.bincount(dataset.labels.numpy()[positions[given == TRAIN]])
    for c in trained:
        if c >= len(counts) or not counts[c]:
            raise SweeperError(
                f"{dataset.name}: class {dataset.class_names[c]!r} has no training images; "
                "add some or leave it out with [classes=...]"
            )
    for part, name in ((VALIDATION, "validation"), (TEST, "test")):
        measured = np.unique(dataset.labels.numpy()[positions[given == part]])
        if len(measured) < 2:
            why, mend = "its given parts", f"add images of other classes to {name}"
            if part in missing and dataset.groups is not None:
                why, mend = "its groups", "add groups or choose another seed"
            raise SweeperError(
                f"{dataset.name}: {why} leave no class but {dataset.class_names[measured[0]]!r} "
                f"for {name}, where two are needed to tell apart; {mend}"
            )
    return given


def _divide(
    dataset: Dataset, positions: _Indices, trained: _Indices, shares: tuple[float, ...], seed: int
) -> _Indices:
    """Return for each image which of the shares it belongs to."""
    labels = dataset.labels.numpy()[positions]
    if dataset.groups is None:
        sizes = np.bincount(labels, minlength=dataset.num_classes)
        for c in trained:
            if 0 < sizes[c] < len(shares):
                raise SweeperError(
                    f"{dataset.name}: class {dataset.class_names[c]!r} has too few images to "
                    f"split: {sizes[c]}, where {len(shares)} are needed; add images or leave it "
                    "out with [classes=...]"
                )
        drawn = assign_images(labels, shares, seed)
        return drawn if dataset.copies is None else align(drawn, dataset.copies.numpy()[positions])
    groups, counts = group_counts(dataset.groups.numpy()[positions], labels)
    sides = assign_groups(counts, shares, seed)
    if sides is None:
        raise SweeperError(
            f"{dataset.name}: its groups cannot be divided: each class needs training images, and "
            "the other parts a group each; add groups, or leave out classes of a single group"
        )
    return sides[groups]


def _replace_labels(true: _Indices, classes: int, share: float, seed: int) -> _Indices:
    """Return the labels with a share of them moved to another class, all equally likely."""
    count = round(share * len(true))
    chosen = permutation(len(true), "noisy images", seed)[:count]
    labels = true.copy()
    shift = 1 + below(classes - 1, count, "noisy labels", seed)
    labels[chosen] = (labels[chosen] + shift) % classes
    return labels
