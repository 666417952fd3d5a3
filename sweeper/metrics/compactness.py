"""The spread within classes, absolute and relative to the distance between classes."""

import math

import torch
from torch import Tensor

from sweeper.metrics.class_means import in_blocks, means_in_float64
from sweeper.metrics.inter_class import distances, over_pairs
from sweeper.metrics.tensors import (
    at_least_float32,
    at_unit_length,
    check_samples,
    nan_where_not_finite,
)


def intra_class_spread(
    embeddings: Tensor, labels: Tensor, num_classes: int, unit_length: bool = False
) -> Tensor:
    """Return ``I_c = sqrt(Σ ‖x - μ_c‖² / (n_c - 1))`` of each class.

    La Grassa et al. 2020, 'σ²R Loss', equation 12.

    Args:
        embeddings: ``[.., N, d]``.
        labels: ``[N]``.
        num_classes: C.
        unit_length: whether to normalize the embeddings first; otherwise the spread grows with
            scale.

    Returns:
        Spreads ``[.., C]``, nan for a class with fewer than two samples.

    Raises:
        ValueError: the shapes do not match, or a label is out of range.
    """
    check_samples(embeddings, labels, num_classes)
    vectors = at_unit_length(embeddings) if unit_length else at_least_float32(embeddings)
    spread = _spread(vectors, labels, means_in_float64(vectors, labels, num_classes))
    return nan_where_not_finite(spread.to(vectors.dtype), embeddings)


def compactness(embeddings: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the mean spread within classes divided by the mean distance between class means.

    Lower is better. Embeddings are normalized, so their scale does not matter. The spread is that
    of `intra_class_spread`, the distance is averaged over pairs of classes. Classes with fewer than
    two samples are skipped. If all class means coincide up to rounding, the result is inf: a
    collapse gets the worst score.

    Args:
        embeddings: ``[.., N, d]``.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Compactness ``[..]``.

    Raises:
        ValueError: the shapes do not match, a label is out of range, or fewer than two classes have
            two samples.
    """
    check_samples(embeddings, labels, num_classes)
    vectors = at_unit_length(embeddings)
    large_enough = labels.bincount(minlength=num_classes) >= 2
    if int(large_enough.sum()) < 2:
        raise ValueError("compactness needs at least two classes with at least two samples each")
    means = means_in_float64(vectors, labels, num_classes)
    within = _spread(vectors, labels, means)[..., large_enough].mean(-1)
    between = over_pairs(means[..., large_enough, :], distances).mean
    collapsed = between < 64 * torch.finfo(vectors.dtype).eps
    result = (within / between).masked_fill(collapsed, math.inf)
    return nan_where_not_finite(result.to(vectors.dtype), embeddings)


def _spread(vectors: Tensor, labels: Tensor, means: Tensor) -> Tensor:
    """Return the spread ``[.., C]`` of each class about its mean, in float64 like the means."""
    squares = means.new_zeros(means.shape[:-1])
    for block, classes in in_blocks(vectors, labels):
        squares.index_add_(-1, classes, (block - means[..., classes, :]).square().sum(-1))
    counts = labels.bincount(minlength=means.shape[-2])
    return (squares / (counts - 1).clamp(min=1)).sqrt().masked_fill(counts < 2, math.nan)
