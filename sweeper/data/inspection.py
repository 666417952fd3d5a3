"""Inspection of users' images before training."""

from dataclasses import replace

from torch import Tensor

from sweeper.data.class_names import similar_names
from sweeper.data.dataset import Dataset
from sweeper.data.leaks import without_leaks


def inspected(dataset: Dataset) -> Dataset:
    """Return a data set with notes on problems in its images, and without leaks."""
    if pairs := similar_names(dataset.class_names):
        shown = " and ".join(map(repr, pairs[0]))
        more = f", and {len(pairs) - 1} more such pairs" if len(pairs) > 1 else ""
        note = f"classes whose names look alike: {shown}{more}"
        dataset = replace(dataset, notes=(*dataset.notes, note))
    if not dataset.is_images:
        return dataset
    if plain := count_single_color(dataset.inputs):
        note = f"{plain:,} of {len(dataset):,} images are of a single color"
        dataset = replace(dataset, notes=(*dataset.notes, note))
    return without_leaks(dataset)


def count_single_color(images: Tensor) -> int:
    """Return the number of images ``[N, C, H, W]`` with a single value everywhere."""
    flat = images.flatten(2)
    return int((flat.amax(dim=2) == flat.amin(dim=2)).all(dim=1).sum())
