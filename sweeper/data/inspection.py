"""Inspection of data sets before training."""

from dataclasses import replace

from torch import Tensor

from sweeper.console import count
from sweeper.data.class_names import fractional_names, similar_names
from sweeper.data.dataset import Dataset
from sweeper.data.leaks import without_leaks

#: A class is told that has at least this share of a data set and so many times the samples that
#: the other classes have on average: accuracy then says little about those.
_LARGE_SHARE, _LARGE_RATIO = 0.2, 4.0
#: Images that nowhere exceed this were hardly meant to: 12 bits of 16 end at 15, masks at 1.
_DARKEST = 31


def inspected(dataset: Dataset) -> Dataset:
    """Return a user's data set with notes on problems in its images, and without leaks."""
    if pairs := similar_names(dataset.class_names):
        shown = " and ".join(map(repr, pairs[0]))
        more = f", and {len(pairs) - 1} more such pairs" if len(pairs) > 1 else ""
        dataset = _noted(dataset, f"classes whose names look alike: {shown}{more}")
    if "-1" in dataset.class_names and dataset.num_classes > 2:
        dataset = _noted(
            dataset,
            "class '-1' is read as a class; if it means unlabeled, leave it out with [classes=...]",
        )
    if fractions := fractional_names(dataset.class_names):
        dataset = _noted(
            dataset,
            f"{count(len(fractions), 'class')} named by numbers with decimals, such as "
            f"{fractions[0]!r}: labels are classes here, not quantities to predict",
        )
    dataset = with_note_on_imbalance(dataset)
    if not dataset.is_images:
        if constant := count_constant(dataset.inputs):
            note = f"{constant:,} of {len(dataset):,} embeddings are one number throughout"
            dataset = _noted(dataset, note)
        return without_leaks(dataset)
    if 0 < (largest := int(dataset.inputs.max())) <= _DARKEST:
        note = f"no pixel is above {largest} of 255; are the files of another depth?"
        dataset = _noted(dataset, note)
    if plain := count_single_color(dataset.inputs):
        are = "is" if plain == 1 else "are"
        note = f"{plain:,} of {len(dataset):,} images {are} of a single color"
        dataset = _noted(dataset, note)
    return without_leaks(dataset)


def _noted(dataset: Dataset, note: str) -> Dataset:
    return replace(dataset, notes=(*dataset.notes, note))


def with_note_on_imbalance(dataset: Dataset) -> Dataset:
    """Return a data set with a note if one class is much larger than the others."""
    sizes = dataset.labels.bincount(minlength=dataset.num_classes)
    largest = int(sizes.argmax())
    size, total = int(sizes[largest]), len(dataset)
    others = (total - size) / (dataset.num_classes - 1)
    if size < _LARGE_SHARE * total or size < _LARGE_RATIO * others:
        return dataset
    return _noted(
        dataset,
        f"heavily imbalanced: {100 * size / total:.1f} % are of class "
        f"{dataset.class_names[largest]!r}, and always guessing it has that accuracy; look at "
        "balanced accuracy, too",
    )


def count_single_color(images: Tensor) -> int:
    """Return the number of images ``[N, C, H, W]`` with a single value everywhere."""
    flat = images.flatten(2)
    return int((flat.amax(dim=2) == flat.amin(dim=2)).all(dim=1).sum())


def count_constant(embeddings: Tensor) -> int:
    """Return the number of embeddings ``[N, d]`` that are one number throughout, as of failures."""
    if embeddings.shape[1] < 2:
        return 0
    return int((embeddings == embeddings[:, :1]).all(dim=1).sum())
