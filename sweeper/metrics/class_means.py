"""Class means of embeddings, used by the metrics within and between classes."""

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

#: Number of samples summed per block, which avoids a float64 copy of all embeddings.
_BLOCK = 1024


def class_means(
    embeddings: Tensor, labels: Tensor, num_classes: int, unit_length: bool = False
) -> Tensor:
    """Return ``μ_c = Σ x / n_c`` over the samples x of each class.

    The center in La Grassa et al. 2020, 'σ²R Loss', equation 12.

    Args:
        embeddings: ``[.., N, d]``.
        labels: ``[N]``.
        num_classes: C.
        unit_length: whether to normalize the embeddings first; the means themselves are shorter.

    Returns:
        Means ``[.., C, d]`` in at least float32, nan for a class without samples.

    Raises:
        ValueError: the shapes do not match, or a label is out of range.
    """
    check_samples(embeddings, labels, num_classes)
    vectors = at_unit_length(embeddings) if unit_length else at_least_float32(embeddings)
    means = means_in_float64(vectors, labels, num_classes).to(vectors.dtype)
    absent = labels.bincount(minlength=num_classes) == 0
    means = means.masked_fill(absent.unsqueeze(-1), math.nan)
    return nan_where_not_finite(means.flatten(-2), embeddings).view(means.shape)


def means_in_float64(vectors: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the mean ``[.., C, d]`` of each class, zero for a class without samples."""
    # In float64, so that rounding hides the varying order in which index_add sums on a GPU.
    *leading, _, width = vectors.shape
    means = vectors.new_zeros(*leading, num_classes, width, dtype=torch.float64)
    for block, classes in in_blocks(vectors, labels):
        means.index_add_(-2, classes, block.double())
    return means / labels.bincount(minlength=num_classes).clamp(min=1).unsqueeze(-1)


def in_blocks(vectors: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield vectors ``[.., n, d]`` and their classes ``[n]`` in blocks of samples."""
    return zip(vectors.split(_BLOCK, dim=-2), labels.long().split(_BLOCK), strict=True)
