"""How far the classes lie from each other, by distance and by angle."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from sweeper.metrics.class_means import means_in_float64
from sweeper.metrics.tensors import (
    at_least_float32,
    at_unit_length,
    check_samples,
    nan_where_not_finite,
)

#: Classes that are held against all others at once, over all members.
_ROWS = 256


class InterClass(NamedTuple):
    """The smallest and the mean of a measure over pairs of classes, each ``[..]``."""

    smallest: Tensor
    mean: Tensor


def inter_class_distance(
    embeddings: Tensor, labels: Tensor, num_classes: int, unit_length: bool = False
) -> InterClass:
    """Return the smallest and the mean ``‖μ_a - μ_b‖`` over pairs of class means.

    The means are those of `class_means`, so the measure stands beside `intra_class_spread`, which
    S4 (equation 12) measures about the same means. Classes without samples are left out.

    Args:
        embeddings: ``[.., N, d]``.
        labels: ``[N]``.
        num_classes: C.
        unit_length: measures the embeddings at unit length, where no distance exceeds 2; else the
            distance grows with their scale.

    Returns:
        Smallest and mean distance, each ``[..]``, in the unit of the embeddings.

    Raises:
        ValueError: the shapes do not fit, a label has no class, or fewer than two classes have
            samples.
    """
    check_samples(embeddings, labels, num_classes)
    vectors = at_unit_length(embeddings) if unit_length else at_least_float32(embeddings)
    means = _means_of_present(vectors, labels, num_classes)
    return _rounded(over_pairs(means, distances), vectors.dtype, embeddings)


def inter_class_angle(embeddings: Tensor, labels: Tensor, num_classes: int) -> InterClass:
    """Return the smallest and the mean angle over pairs of class means.

    The means are those of the embeddings at unit length. The angle between directions u and v is
    ``2 atan2(‖u - v‖, ‖u + v‖)`` (Kahan), exact near 0 and near π, where the arc cosine is not.
    Classes without samples are left out. A mean that is zero to within rounding has no direction:
    its angles count as 0, so that a collapse to zero does not look separate.

    Args:
        embeddings: ``[.., N, d]``, of any length.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Smallest and mean angle, each ``[..]``, in radians from 0 to π.

    Raises:
        ValueError: the shapes do not fit, a label has no class, or fewer than two classes have
            samples.
    """
    check_samples(embeddings, labels, num_classes)
    vectors = at_unit_length(embeddings)
    means = _means_of_present(vectors, labels, num_classes)
    lengths = means.norm(dim=-1, keepdim=True)
    nowhere = lengths < 64 * torch.finfo(vectors.dtype).eps
    directions = (means / lengths).masked_fill(nowhere, 0.0)
    return _rounded(over_pairs(directions, _angles), vectors.dtype, embeddings)


def over_pairs(points: Tensor, measure: Callable[[Tensor, Tensor], Tensor]) -> InterClass:
    """Return the smallest and the mean measure over pairs of points ``[.., C, d]``, C at least 2.

    Args:
        points: one a class.
        measure: of points ``[.., A, d]`` and ``[.., B, d]``, returns ``[.., A, B]``.
    """
    count = points.shape[-2]
    rows = max(1, _ROWS // max(1, math.prod(points.shape[:-2])))
    smallest = points.new_full(points.shape[:-2], math.inf)
    total = points.new_zeros(points.shape[:-2])
    for start in range(0, count - 1, rows):
        # Of the pairs (a, b) with a < b, those whose a is in these rows.
        measures = measure(points[..., start : start + rows, :], points[..., start + 1 :, :])
        other = measures.new_ones(measures.shape[-2:], dtype=torch.bool).tril(-1)
        smallest = smallest.minimum(measures.masked_fill(other, math.inf).amin((-2, -1)))
        total += measures.masked_fill(other, 0.0).sum((-2, -1))
    return InterClass(smallest, total / (count * (count - 1) // 2))


def distances(one: Tensor, other: Tensor) -> Tensor:
    """Return the distances ``[.., A, B]`` from points ``[.., A, d]`` to points ``[.., B, d]``."""
    # The quick form through a matrix product loses the distance of near points to rounding.
    return torch.cdist(one, other, compute_mode="donot_use_mm_for_euclid_dist")


def _angles(one: Tensor, other: Tensor) -> Tensor:
    """Return the angles ``[.., A, B]`` between unit vectors; 0 where one of the two is zero."""
    angles = 2 * torch.atan2(distances(one, other), distances(one, -other))
    nowhere = ~(one.any(-1).unsqueeze(-1) & other.any(-1).unsqueeze(-2))
    return angles.masked_fill(nowhere, 0.0)


def _means_of_present(vectors: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the means, in float64, of the classes that have samples."""
    present = labels.bincount(minlength=num_classes) > 0
    if int(present.sum()) < 2:
        raise ValueError("a measure between classes needs at least two classes with samples")
    return means_in_float64(vectors, labels, num_classes)[..., present, :]


def _rounded(pairs: InterClass, dtype: torch.dtype, embeddings: Tensor) -> InterClass:
    """Return the measures in dtype, nan for the members whose embeddings are not finite."""
    return InterClass(*(nan_where_not_finite(each.to(dtype), embeddings) for each in pairs))
