"""Fixes which images train, which choose and which test, and which classes are held out."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sweeper.data.assign import assign_groups, assign_images, group_counts
from sweeper.data.class_folds import FEWEST_CLASSES, class_folds, test_classes
from sweeper.data.dataset import TEST, TRAIN, VALIDATION, Dataset
from sweeper.data.held_out import hold_out_fold, hold_out_test
from sweeper.data.leaks import align, side_of_copies
from sweeper.data.stable_random import below, permutation
from sweeper.errors import SweeperError

_Indices = NDArray[np.int64]

#: Shares of train, validation and test where the source gives no parts.
_SHARES = (0.6, 0.2, 0.2)
#: Shares of train and of the one part that has to be cut from it.
_CUT = (0.8, 0.2)
#: Where classes are held out, of smaller ones no image is spared to measure accuracy on.
_FEWEST_TO_CUT = 5
#: Ends the fingerprint of a split by folds: retrieval was measured otherwise before there were any.
BY_FOLDS = "-folds"


@dataclass(frozen=True, eq=False)
class Split:
    """Positions in a data set, all int64 ``[n]`` and ascending, and the labels that go with them.

    With held-out classes each seed of a training has a split of its own, see `of_seed`: what stands
    here is that of seed 0.

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
        folds: the splits of all seeds, in turn; empty where no classes are held out. All have as
            many trained classes and the same held-out test images.
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
    folds: tuple["Split", ...] = ()

    def of_seed(self, seed: int) -> "Split":
        """Return what a seed of a training trains on and is measured on."""
        return self.folds[seed % len(self.folds)] if self.folds else self

    @property
    def images_per_epoch(self) -> int:
        """How many images an epoch draws: of every seed as many as that with the fewest has."""
        return min(len(each.train) for each in self.folds or (self,))

    def tested(self) -> Tensor:
        """Return the positions of all samples that a test reads, int64 ``[n]``, ascending."""
        parts = [part for each in self.folds or (self,) for part in (each.test, each.held_out_test)]
        positions: Tensor = torch.cat(parts).unique()
        return positions

    def fingerprint(self) -> str:
        """Return a SHA-256 over all positions and labels, as 64 hexadecimal digits.

        ``-folds`` follows where classes are held out.
        """
        digest = hashlib.sha256()
        for each in (self, *self.folds):
            digest.update(repr((each.trained_classes, each.seed)).encode())
            for name, value in vars(each).items():
                if isinstance(value, Tensor):
                    digest.update(f"{name}{len(value)};".encode())
                    digest.update(value.numpy().astype("<i8").tobytes())
        return digest.hexdigest() + (BY_FOLDS if self.folds else "")


def split(dataset: Dataset, hold_out: bool, seed: int = 0, retrieval_alone: bool = False) -> Split:
    """Split a data set, the same way for the same seed on every machine.

    Without given parts 60 % of each class's images train, 20 % choose and 20 % test, at least one
    of each. Given parts are kept; of the given training part 20 % become the validation or test
    part if there is none. No group stands on two sides: groups are assigned as a whole, as evenly
    over the classes as they allow.

    With ``hold_out``, a fifth of the classes, two at least, is held out to test retrieval on. Of
    the others each seed of a training holds out one of four folds to choose by, see
    `sweeper.data.class_folds`, and trains on the rest. Classes of fewer than five images spare none
    for accuracy, and with ``retrieval_alone`` none does: all train, those of groups and of given
    parts aside. Given parts: folds use the images outside the given test part, test classes those
    in it, and all of theirs if that leaves a class with fewer than two. Held-out images whose group
    stands on another side, or a copy of theirs, are left out. At most 2,000 images a held-out set,
    evenly over its classes and chosen by the seed, since the cost of MAP@R grows with their square.

    Label noise replaces a share of the training labels, rounded to whole images, by another
    trained class; it depends on the data set's own seed and never on which images are where.

    Args:
        dataset: what to split.
        hold_out: whether classes are held out for retrieval.
        seed: a whole number from 0.
        retrieval_alone: whether nothing is measured on other images of the trained classes.

    Raises:
        SweeperError: too few classes to hold any out, too few images of a class, a class without
            training images, only one class to validate or to test on, a group on two sides of the
            given parts, or groups that cannot be divided.
    """
    _check_given_groups(dataset)
    every = np.arange(dataset.num_classes)
    if not hold_out:
        side = _assign(dataset, every, seed, cut_all=True)
        _check_measured(dataset, every, side)
        none = np.empty(0, np.int64)
        return _split(dataset, every, side, none, none, seed)
    if dataset.num_classes < FEWEST_CLASSES:
        raise SweeperError(
            f"retrieval needs at least {FEWEST_CLASSES} classes, {dataset.name} has "
            f"{dataset.num_classes}; choose another objective"
        )
    tested = test_classes(dataset.num_classes, seed)
    others = np.setdiff1d(every, tested)
    side = _assign(dataset, others, seed, retrieval_alone=retrieval_alone)
    test = hold_out_test(dataset, tested, side, seed)
    sizes = np.bincount(dataset.labels.numpy(), minlength=dataset.num_classes)[others]
    folds = []
    for fold in class_folds(others, sizes, seed):
        trained = np.setdiff1d(others, fold)
        if not retrieval_alone:
            _check_measured(dataset, trained, side)
        validation = hold_out_fold(dataset, fold, side, seed)
        folds.append(_split(dataset, trained, side, validation, test, seed))
    return replace(folds[0], folds=tuple(folds))


def whole(dataset: Dataset, seed: int = 0) -> Split:
    """Return the split that trains on everything there is, of all classes and all given parts.

    Nothing is left to choose by or to test on. Label noise is that of `split`, on all samples.

    Args:
        dataset: what is trained on.
        seed: noted in the split; nothing is drawn.
    """
    every, none = np.arange(dataset.num_classes), np.empty(0, np.int64)
    return _split(dataset, every, np.full(len(dataset), TRAIN), none, none, seed)


def _split(
    dataset: Dataset,
    trained: _Indices,
    side: _Indices,
    held_out_validation: _Indices,
    held_out_test: _Indices,
    seed: int,
) -> Split:
    """Return the split of these trained classes, from the side of each image ``[N]``."""
    labels = dataset.labels.numpy()
    relabel = np.full(dataset.num_classes, -1)
    relabel[trained] = np.arange(len(trained))
    own = relabel[labels] >= 0
    train, choose, read_once = (
        np.flatnonzero(own & (side == s)) for s in (TRAIN, VALIDATION, TEST)
    )
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
        held_out_validation=torch.from_numpy(held_out_validation),
        held_out_test=torch.from_numpy(held_out_test),
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


def _assign(
    dataset: Dataset,
    classes: _Indices,
    seed: int,
    cut_all: bool = False,
    retrieval_alone: bool = False,
) -> _Indices:
    """Return the side of each image ``[N]``: TRAIN, VALIDATION or TEST, -1 of other classes.

    Args:
        dataset: what is split.
        classes: those that are trained, or held out by a fold.
        seed: of the draw.
        cut_all: whether small classes spare images to measure accuracy on, too.
        retrieval_alone: whether none does.
    """
    labels = dataset.labels.numpy()
    positions = np.flatnonzero(np.isin(labels, classes))
    if dataset.parts is None:
        given = np.full(len(positions), TRAIN)
    else:
        given = dataset.parts.numpy()[positions].astype(np.int64)
    missing = [part for part in (VALIDATION, TEST) if not (given == part).any()]
    cut = given == TRAIN
    if dataset.groups is None or not _share_groups(dataset, positions):
        sizes = np.bincount(labels[positions[cut]], minlength=dataset.num_classes)
        if retrieval_alone:
            missing = []
        elif not cut_all:
            spared = sizes[labels[positions]] < _FEWEST_TO_CUT
            if dataset.copies is not None:  # a copy in a larger class trains, too
                copies = dataset.copies.numpy()[positions]
                spared |= np.isin(copies, copies[spared])
            cut &= ~spared
    if missing and cut.any():
        sides = np.array([TRAIN, *missing])
        shares = _SHARES if len(missing) == 2 else _CUT
        given[cut] = sides[_divide(dataset, positions[cut], classes, shares, seed)]
    counts = np.bincount(labels[positions[given == TRAIN]], minlength=dataset.num_classes)
    for c in classes:
        if not counts[c]:
            raise SweeperError(
                f"{dataset.name}: class {dataset.class_names[c]!r} has no training images"
                f"{side_of_copies(dataset, int(c))}; add some or leave it out with [classes=A+B]"
            )
    side = np.full(len(labels), -1)
    side[positions] = given
    return side


def _share_groups(dataset: Dataset, positions: _Indices) -> bool:
    """Return whether a group has images of two classes: one may be held out and one train."""
    assert dataset.groups is not None
    _, counts = group_counts(dataset.groups.numpy()[positions], dataset.labels.numpy()[positions])
    return bool(((counts > 0).sum(axis=1) > 1).any())


def _check_measured(dataset: Dataset, trained: _Indices, side: _Indices) -> None:
    """Raise a SweeperError unless two trained classes can be told apart in validation and test."""
    labels = dataset.labels.numpy()
    for part, name in ((VALIDATION, "validation"), (TEST, "test")):
        measured = np.intersect1d(labels[side == part], trained)
        if len(measured) >= 2:
            continue
        given = dataset.parts is not None and bool((dataset.parts == part).any())
        why, mend = "its given parts", f"add images of other classes to {name}"
        if not given and dataset.groups is not None:
            why, mend = "its groups", "add groups or choose another seed"
        elif not given and len(trained) < dataset.num_classes:
            why = f"classes of fewer than {_FEWEST_TO_CUT} images"
            mend = "add images, or choose retrieval alone"
        but = f"no class but {dataset.class_names[measured[0]]!r}" if len(measured) else "no class"
        raise SweeperError(
            f"{dataset.name}: {why} leave {but} for {name}, where two are needed to tell apart; "
            f"{mend}"
        )


def _divide(
    dataset: Dataset, positions: _Indices, classes: _Indices, shares: tuple[float, ...], seed: int
) -> _Indices:
    """Return for each image which of the shares it belongs to."""
    labels = dataset.labels.numpy()[positions]
    if dataset.groups is None:
        sizes = np.bincount(labels, minlength=dataset.num_classes)
        for c in classes:
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
            f"{dataset.name}: its groups cannot be divided: each class needs training images, the "
            "other parts a group each; add groups, leave out classes of one, or use retrieval alone"
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
