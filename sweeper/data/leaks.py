"""Keeping copies of an image, or of an embedding, on one side of every split."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sweeper.data.copies import Copies, find_copies
from sweeper.data.dataset import TEST, TRAIN, VALIDATION, Dataset

_INCOMPLETE = (
    "too many images, or too many that look alike, to search for copies that were encoded again: "
    "only identical ones are sure to be found"
)
#: Pairs of copies that are named.
_SHOWN = 3


def without_leaks(dataset: Dataset) -> Dataset:
    """Return a data set whose copies no split separates, with notes on them.

    Copies across predefined parts: training images are dropped if validation or test has a copy,
    and validation images if test has one. Groups that share copies are merged. Otherwise the split
    uses `Dataset.copies`. Without copies the data set is returned unchanged.
    """
    copies = find_copies(dataset.inputs)
    if not copies.complete:
        dataset = replace(dataset, notes=(*dataset.notes, _INCOMPLETE))
    if not copies.total:
        return dataset
    notes = [
        *dataset.notes,
        _copies_note(copies, _noun(dataset)),
        *_label_conflicts(dataset, copies.group),
    ]
    dataset = replace(dataset, copies=copies.group)
    examples = _examples(dataset, copies.group)
    if dataset.parts is not None and (leaked := _leaked(dataset.parts, copies.group)).any():
        notes.append(f"{int(leaked.sum()):,} of them left training or validation: test has them")
        dataset = dataset.chosen(~leaked)
    if dataset.groups is not None and dataset.copies is not None:
        dataset = replace(
            dataset, groups=_merged_groups(dataset.groups, dataset.copies), group_names=()
        )
    return replace(dataset, notes=tuple(notes), examples={**dataset.examples, **examples})


def align(sides: NDArray[np.int64], copies: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sides ``[n]``, with all copies ``[n]`` of an image on the side of the first."""
    _, first, number = np.unique(copies, return_index=True, return_inverse=True)
    aligned: NDArray[np.int64] = sides[first][number]
    return aligned


def side_of_copies(dataset: Dataset, c: int) -> str:
    """Return, for messages, that the copies of a class's images in others decide their sides."""
    if dataset.copies is None:
        return ""
    own = dataset.labels == c
    linked = torch.isin(dataset.copies, dataset.copies[own]) & ~own
    if not linked.any():
        given = f", since no {_noun(dataset)} trains that has a copy in validation or test"
        return "" if dataset.parts is None else given
    names = [repr(dataset.class_names[other]) for other in dataset.labels[linked].unique()]
    noun = _noun(dataset)
    return (
        f", since they are copies of {noun}s of {' and '.join(names[:2])} and kept on their sides; "
        f"give each {noun} one label"
    )


def _noun(dataset: Dataset) -> str:
    return "image" if dataset.is_images else "embedding"


def _copies_note(copies: Copies, noun: str) -> str:
    again = "encoded again or nearly identical"
    kinds = [f"{copies.identical:,} identical", f"{copies.alike:,} {again}"]
    if not (copies.identical and copies.alike):  # all of one kind: the number stands there already
        kinds = ["identical" if copies.identical else again]
    are = f"1 {noun} is a copy of another" if copies.total == 1 else ""
    are = are or f"{copies.total:,} {noun}s are copies of others"
    return f"{are} ({', '.join(kinds)}): kept on one side"


def _label_conflicts(dataset: Dataset, group: Tensor) -> list[str]:
    twice = _several(group, dataset.labels)
    if not len(twice):
        return []
    first = dataset.labels[group == twice[0]].unique().tolist()
    names, noun = " and ".join(repr(dataset.class_names[c]) for c in first[:2]), _noun(dataset)
    if len(twice) == 1:
        return [f"1 {noun} stands under two labels, {names}"]
    return [f"{len(twice):,} {noun}s stand under two labels, the first under {names}"]


def _several(group: Tensor, values: Tensor) -> Tensor:
    """Return the numbers of the groups ``[N]`` that have more than one of the values ``[N]``."""
    pairs = torch.unique(torch.stack([group, values.long()]), dim=1)
    numbers, times = torch.unique(pairs[0], return_counts=True)
    several: Tensor = numbers[times > 1]
    return several


def _examples(dataset: Dataset, group: Tensor) -> dict[str, str]:
    """Return the first pairs of copies, of those under two labels, and of those in two parts."""
    if dataset.sample_names is None:
        return {}
    subjects = {"copies": torch.arange(len(dataset)), "under two labels": dataset.labels}
    if dataset.parts is not None:
        subjects["in two parts"] = dataset.parts
    examples = {}
    for subject, values in subjects.items():
        numbers = _several(group, values)
        pairs = [_pair(dataset, group == number, values) for number in numbers[:_SHOWN]]
        if pairs:
            more = f", and {len(numbers) - _SHOWN:,} more" if len(numbers) > _SHOWN else ""
            examples[subject] = f"{', '.join(pairs)}{more}"
    return examples


def _pair(dataset: Dataset, copies: Tensor, values: Tensor) -> str:
    """Return the first of the copies, a mask ``[N]``, and the first with another of the values."""
    positions = copies.nonzero().flatten()
    other = positions[values[positions] != values[positions[0]]]
    return f"{dataset.sample_name(int(positions[0]))} = {dataset.sample_name(int(other[0]))}"


def _leaked(parts: Tensor, group: Tensor) -> Tensor:
    """Return which images ``[N]`` have a copy in a later part than their own."""
    latest = torch.full((int(group.max()) + 1,), TRAIN, dtype=parts.dtype)
    for part in (VALIDATION, TEST):
        latest[group[parts == part]] = part
    return parts < latest[group]


def _merged_groups(groups: Tensor, copies: Tensor) -> Tensor:
    """Return groups ``[N]``, with groups that share a copy merged."""
    from scipy.sparse import coo_matrix  # here, since it takes a while to import
    from scipy.sparse.csgraph import connected_components

    # A graph with a node per group and per set of copies, and an edge per image.
    offset = int(groups.max()) + 1
    size = offset + int(copies.max()) + 1
    edges = coo_matrix(
        (np.ones(len(groups)), (groups.numpy(), copies.numpy() + offset)), shape=(size, size)
    )
    _, component = connected_components(edges, directed=False)
    return torch.from_numpy(component[groups.numpy()].astype(np.int64))
