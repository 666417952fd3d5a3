"""How far the samples of a class spread, by itself and beside the distance between classes."""

import math

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


def intra_class_spread(
    embeddings: Tensor, labels: Tensor, num_classes: int, unit_length: bool = False
) -> Tensor:
    """Return ``I_c = sqrt(Σ ‖x - μ_c‖² / (n_c - 1))`` of each class (S4, equation 12).

    Args:
        embeddings: ``[.., N, d]``.
        labels: ``[N]``.
        num_classes: C.
        unit_length: measures the embeddings at unit length; else the spread grows with their scale.

    Returns:
        Spreads ``[.., C]``, nan for a class of fewer than two samples.

    Raises:
        ValueError: the shapes do not fit, or a label has no class.
    """
    check_samples(embeddings, labels, num_classes)
    vectors = at_unit_length(embeddings) if unit_length else at_least_float32(embeddings)
    spread, _ = _spread_and_means(vectors, labels, num_classes)
    return nan_where_not_finite(spread, embeddings)


def compactness(embeddings: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the mean spread within classes over the mean distance between class means.

    Both at unit length, so less is better at any scale of the embedding. The spread is that of
    `intra_class_spread`, the distance averaged over pairs of classes. Classes of fewer than two
    samples are left out. Where all class means coincide, to within rounding, the result is inf:
    a collapse is the worst score.

    Args:
        embeddings: ``[.., N, d]``.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Compactness ``[..]``.

    Raises:
        ValueError: the shapes do not fit, a label has no class, or fewer than two classes have two
            samples.
    """
    check_samples(embeddings, labels, num_classes)
    spread, means = _spread_and_means(at_unit_length(embeddings), labels, num_classes)
    measured = labels.bincount(minlength=num_classes) >= 2
    if int(measured.sum()) < 2:
        raise ValueError("compactness needs at least two classes of at least two samples")
    within = spread[..., measured].mean(-1)
    between = _mean_distance(means[..., measured, :])
    collapsed = between < 64 * torch.finfo(between.dtype).eps
    return nan_where_not_finite((within / between).masked_fill(collapsed, math.inf), embeddings)


def _spread_and_means(vectors: Tensor, labels: Tensor, num_classes: int) -> tuple[Tensor, Tensor]:
    """Return the spread ``[.., C]`` and the mean ``[.., C, d]`` of each class."""
    # In float64, since index_add on a GPU sums in any order: what that changes is rounded away.
    counts = labels.bincount(minlength=num_classes)
    blocks = list(zip(vectors.split(_BLOCK, dim=-2), labels.long().split(_BLOCK), strict=True))
    *leading, _, width = vectors.shape
    means = vectors.new_zeros(*leading, num_classes, width, dtype=torch.float64)
    for block, classes in blocks:
        means.index_add_(-2, classes, block.double())
    means /= counts.clamp(min=1).unsqueeze(-1)
    squares = vectors.new_zeros(*leading, num_classes, dtype=torch.float64)
    for block, classes in blocks:
        squares.index_add_(-1, classes, (block - means[..., classes, :]).square().sum(-1))
    spread = (squares / (counts - 1).clamp(min=1)).sqrt().masked_fill(counts < 2, math.nan)
    return spread.to(vectors.dtype), means.to(vectors.dtype)


def _mean_distance(points: Tensor) -> Tensor:
    """Return the mean distance ``[..]`` between different points of ``[.., C, d]``."""
    # The quick form through a matrix product loses the distance of near points to rounding.
    distances = torch.cdist(points, points, compute_mode="donot_use_mm_for_euclid_dist")
    count = points.shape[-2]
    return distances.sum((-2, -1)) / (count * (count - 1))
