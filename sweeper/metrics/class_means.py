"""The mean of each class's embeddings, on which the measures within and between classes rest."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from sweeper.metrics.tensors import (
    at_least_float32,
    at_unit_length,
    check_samples,
    nan_where_not_finite,
)

#: Samples that are summed at once: no copy of all embeddings in float64 is needed.
_BLOCK = 1024


def class_means(
    embeddings: Tensor, labels: Tensor, num_classes: int, unit_length: bool = False
) -> Tensor:
    """Return ``μ_c = Σ x / n_c`` over the samples x of each class (the center in S4, equation 12).

    Args:
        embeddings: ``[.., N, d]``.
        labels: ``[N]``.
        num_classes: C.
        unit_length: takes the means of the embeddings at unit length; the means are shorter.

    Returns:
        Means ``[.., C, d]`` in at least float32, nan for a class without samples.

    Raises:
        ValueError: the shapes do not fit, or a label has no class.
    """
    check_samples(embeddings, labels, num_classes)
    vectors = at_unit_length(embeddings) if unit_length else at_least_float32(embeddings)
    means = means_in_float64(vectors, labels, num_classes).to(vectors.dtype)
    absent = labels.bincount(minlength=num_classes) == 0
    means = means.masked_fill(absent.unsqueeze(-1), math.nan)
    return nan_where_not_finite(means.flatten(-2), embeddings).view(means.shape)


def means_in_float64(vectors: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the mean ``[.., C, d]`` of each class, zeros for a class without samples."""
    # In float64, since index_add on a GPU sums in any order: what that changes is rounded away.
    *leading, _, width = vectors.shape
    means = vectors.new_zeros(*leading, num_classes, width, dtype=torch.float64)
    for block, classes in in_blocks(vectors, labels):
        means.index_add_(-2, classes, block.double())
    return means / labels.bincount(minlength=num_classes).clamp(min=1).unsqueeze(-1)


def in_blocks(vectors: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield vectors ``[.., n, d]`` and their classes ``[n]``, some samples at a time."""
    return zip(vectors.split(_BLOCK, dim=-2), labels.long().split(_BLOCK), strict=True)
