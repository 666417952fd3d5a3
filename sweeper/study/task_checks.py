"""What must hold between a study and its data; each check says what to use instead."""

import math

from torch import nn

from sweeper.data import Dataset, Split
from sweeper.errors import SweeperError, UsageError
from sweeper.models.frozen import is_frozen
from sweeper.models.without_layers import require_effect
from sweeper.registry.losses import LOSSES
from sweeper.registry.objectives import OBJECTIVES
from sweeper.store import measured_split
from sweeper.study.study_file import StudySpec


def check(spec: StudySpec, dataset: Dataset, split: Split, net: nn.Module) -> None:
    """Raise the error of the first thing that cannot be had with these data.

    Raises:
        UsageError: another study would do.
        SweeperError: other data would do.
    """
    _require_training(net, spec)
    _require_pairs(split, spec)
    _require_augmentable(spec, dataset)
    _require_balance(spec, dataset, split)
    _require_classes(spec, split)


def _require_training(net: nn.Module, spec: StudySpec) -> None:
    """Refuse to search by what no trial can change."""
    if any(True for _ in net.parameters()):
        return
    if pairs := [loss for loss in spec.losses if not LOSSES[loss].has_classes]:
        raise UsageError(
            f"net {spec.net!r} has nothing to train, and neither has {pairs[0]}; use a net with "
            "layers"
        )
    require_effect(spec.net, spec.objectives)


def _require_classes(spec: StudySpec, split: Split) -> None:
    """Refuse a loss that needs more classes."""
    classes = len(split.trained_classes)
    for loss in spec.losses:
        if classes < (least := LOSSES[loss].min_classes):
            raise UsageError(f"{loss} needs at least {least} classes, these are {classes}")


def _require_augmentable(spec: StudySpec, dataset: Dataset) -> None:
    """Refuse to change images that there are none of, or beyond recognition."""
    if not spec.protocol.augmentation:
        return
    if is_frozen(spec.net):
        raise UsageError(
            "augmentation changes images at each step, and the features of a frozen body are "
            "computed once; leave it out, or take a net with body=tuned"
        )
    if not dataset.is_images:
        raise UsageError("augmentation changes images, and the data are embeddings; leave it out")
    height, width = dataset.input_shape[1:]
    if (crop := spec.augmentation.crop) >= min(height, width):
        raise UsageError(
            f"augmentation.crop = {crop} can cut away all of an image of {height}x{width} pixels; "
            f"use less than {min(height, width)}"
        )


def _require_balance(spec: StudySpec, dataset: Dataset, split: Split) -> None:
    """Refuse batches of all classes where one is empty, or where all would repeat their samples."""
    if spec.per_class is None:
        return
    most = math.inf
    for each in split.folds or (split,):
        counts = each.train_labels.bincount(minlength=len(each.trained_classes))
        most = min(most, int(counts.max()))
        if not counts.all():
            empty = dataset.class_names[each.trained_classes[int(counts.argmin())]]
            raise SweeperError(
                f"{spec.dataset}: class {empty!r} has no training images left for batches of all "
                "classes; leave per_class out"
            )
    if spec.per_class > most:
        raise UsageError(
            f"per_class = {spec.per_class} is more than any class of {spec.dataset} has to train "
            f"on, so that each batch would repeat samples; use at most {most}"
        )


def _require_pairs(split: Split, spec: StudySpec) -> None:
    """Refuse to measure a spread where no two classes have a spread."""
    needing = [name for name in spec.objectives if OBJECTIVES[name].needs_spread]
    if not needing:
        return
    part = measured_split(spec.kind)
    every = [
        each.test_labels if part == "test" else each.validation_labels
        for each in split.folds or (split,)
    ]
    if min(int((labels.bincount() >= 2).sum()) for labels in every) < 2:
        raise SweeperError(
            f"{spec.dataset}: {needing[0]} needs at least two classes of two images each in the "
            f"{part} part; add images or choose another objective"
        )
