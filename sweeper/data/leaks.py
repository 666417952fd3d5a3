"""Keeps copies of an image on one side of every split, and says how many there are."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sweeper.data.copies import Copies, find_copies
from sweeper.data.dataset import TEST, TRAIN, VALIDATION, Dataset


def without_leaks(dataset: Dataset) -> Dataset:
    """Return a data set of images whose copies no split takes apart, with notes on what was found.

    Copies across given parts: those for training leave where validation or test has one, those for
    validation where test has one. Copies across given groups join these. Elsewhere `Dataset.copies`
    tells the split. Without copies the data set is returned as it is.
    """
    copies = find_copies(dataset.inputs)
    if not copies.total:
        return dataset
    notes = [*dataset.notes, _found(copies), *_under_two_labels(dataset, copies.group)]
    dataset = replace(dataset, copies=copies.group)
    if dataset.parts is not None and (leaving := _leaving(dataset.parts, copies.group)).any():
        notes.append(f"{int(leaving.sum()):,} of them left training or validation: test has them")
        dataset = dataset.chosen(~leaving)
    if dataset.groups is not None and dataset.copies is not None:
        dataset = replace(dataset, groups=_joined(dataset.groups, dataset.copies), group_names=())
    return replace(dataset, notes=tuple(notes))


def align(sides: NDArray[np.int64], copies: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sides ``[n]`` with all copies ``[n]`` of an image on the side of its first one."""
    _, first, number = np.unique(copies, return_index=True, return_inverse=True)
    aligned: NDArray[np.int64] = sides[first][number]
    return aligned


def _found(copies: Copies) -> str:
    kinds = []
    if copies.identical:
        kinds.append(f"{copies.identical:,} identical")
    if copies.alike:
        kinds.append(f"{copies.alike:,} encoded again or nearly identical")
    return f"{copies.total:,} images are copies of others ({', '.join(kinds)}): kept on one side"


def _under_two_labels(dataset: Dataset, group: Tensor) -> list[str]:
    pairs = torch.unique(torch.stack([group, dataset.labels]), dim=1)
    groups, labels = torch.unique(pairs[0], return_counts=True)
    twice = groups[labels > 1]
    if not len(twice):
        return []
    first = dataset.labels[group == twice[0]].unique().tolist()
    names = " and ".join(repr(dataset.class_names[c]) for c in first[:2])
    return [f"{len(twice):,} images stand under two labels, the first under {names}"]


def _leaving(parts: Tensor, group: Tensor) -> Tensor:
    """Return which images ``[N]`` have a copy in a part that is measured later than their own."""
    latest = torch.full((int(group.max()) + 1,), TRAIN, dtype=parts.dtype)
    for part in (VALIDATION, TEST):
        latest[group[parts == part]] = part
    return parts < latest[group]


def _joined(groups: Tensor, copies: Tensor) -> Tensor:
    """Return groups ``[N]`` in which those that share a copy are one."""
    from scipy.sparse import coo_matrix  # here, since it takes a while to import
    from scipy.sparse.csgraph import connected_components

    # A graph with a node for each group and for each set of copies, and an edge for each image.
    offset = int(groups.max()) + 1
    size = offset + int(copies.max()) + 1
    edges = coo_matrix(
        (np.ones(len(groups)), (groups.numpy(), copies.numpy() + offset)), shape=(size, size)
    )
    _, component = connected_components(edges, directed=False)
    return torch.from_numpy(component[groups.numpy()].astype(np.int64))
