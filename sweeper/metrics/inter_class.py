"""Distances and angles between class means."""

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

#: Number of classes per block that are compared with all others, over all members.
_BLOCK = 256

#: Squared distances below this share of the squared lengths are computed again, term by term: what
#: a product in float64 leaves of the others is right to about 1e-10 of them.
_CLOSE = 1e-5

#: The share of close pairs, as of classes that have collapsed, above which a product gains nothing.
_MANY = 0.05

#: Number of pairs that are computed again at once.
_AGAIN = 2**14


class InterClass(NamedTuple):
    """The minimum and the mean of a measure over pairs of classes, each ``[..]``."""

    smallest: Tensor
    mean: Tensor


def inter_class_distance(
    embeddings: Tensor, labels: Tensor, num_classes: int, unit_length: bool = False
) -> InterClass:
    """Return the smallest and the mean ``‖μ_a - μ_b‖`` over pairs of class means.

    The means are those of `class_means`, so the result is comparable with `intra_class_spread`,
    which La Grassa et al. 2020, 'σ²R Loss', equation 12, measure around the same means. Classes
    without samples are skipped.

    Args:
        embeddings: ``[.., N, d]``.
        labels: ``[N]``.
        num_classes: C.
        unit_length: whether to normalize the embeddings first, so that no distance exceeds 2;
            otherwise distances grow with scale.

    Returns:
        Smallest and mean distance, each ``[..]``, in the units of the embeddings.

    Raises:
        ValueError: the shapes do not match, a label is out of range, or fewer than two classes have
            samples.
    """
    check_samples(embeddings, labels, num_classes)
    vectors = at_unit_length(embeddings) if unit_length else at_least_float32(embeddings)
    means = _means_of_nonempty_classes(vectors, labels, num_classes)
    return _cast(over_pairs(means, distances), vectors.dtype, embeddings)


def inter_class_angle(embeddings: Tensor, labels: Tensor, num_classes: int) -> InterClass:
    """Return the smallest and the mean angle over pairs of class means.

    The means are those of normalized embeddings. The angle between directions u and v is ``2
    atan2(‖u - v‖, ‖u + v‖)`` (Kahan), accurate near 0 and π, unlike the arc cosine. Classes without
    samples are skipped. A mean that is zero up to rounding has no direction: its angles count as 0,
    so that a collapse to zero does not look separated.

    Args:
        embeddings: ``[.., N, d]``, of any length.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Smallest and mean angle, each ``[..]``, in radians from 0 to π.

    Raises:
        ValueError: the shapes do not match, a label is out of range, or fewer than two classes have
            samples.
    """
    check_samples(embeddings, labels, num_classes)
    vectors = at_unit_length(embeddings)
    means = _means_of_nonempty_classes(vectors, labels, num_classes)
    lengths = means.norm(dim=-1, keepdim=True)
    directionless = lengths < 64 * torch.finfo(vectors.dtype).eps
    directions = (means / lengths).masked_fill(directionless, 0.0)
    return _cast(over_pairs(directions, _angles), vectors.dtype, embeddings)


def over_pairs(points: Tensor, measure: Callable[[Tensor, Tensor], Tensor]) -> InterClass:
    """Return the smallest and the mean measure over pairs of points ``[.., C, d]``, C at least 2.

    Args:
        points: one per class.
        measure: function of points ``[.., A, d]`` and ``[.., B, d]`` that returns ``[.., A, B]``.
    """
    count = points.shape[-2]
    rows = max(1, _BLOCK // max(1, math.prod(points.shape[:-2])))
    smallest = points.new_full(points.shape[:-2], math.inf)
    total = points.new_zeros(points.shape[:-2])
    for start in range(0, count - 1, rows):
        # The pairs (a, b) with a < b whose a is in these rows.
        measures = measure(points[..., start : start + rows, :], points[..., start + 1 :, :])
        excluded = measures.new_ones(measures.shape[-2:], dtype=torch.bool).tril(-1)
        smallest = smallest.minimum(measures.masked_fill(excluded, math.inf).amin((-2, -1)))
        total += measures.masked_fill(excluded, 0.0).sum((-2, -1))
    return InterClass(smallest, total / (count * (count - 1) // 2))


def distances(left: Tensor, right: Tensor) -> Tensor:
    """Return the distances ``[.., A, B]`` from points ``[.., A, d]`` to points ``[.., B, d]``.

    Through a product of matrices, which is many times as fast with a thousand classes. It loses
    small distances to rounding, so these are computed again.

    Args:
        left: in float64.
        right: likewise, with the same leading dimensions.
    """
    sizes = left.square().sum(-1, keepdim=True) + right.square().sum(-1).unsqueeze(-2)
    squares = torch.baddbmm(*_flat(sizes, left, right.mT), alpha=-2)
    squares = squares.view(sizes.shape)
    is_close = squares < _CLOSE * sizes
    if is_close.sum() > _MANY * is_close.numel():
        return torch.cdist(left, right, compute_mode="donot_use_mm_for_euclid_dist")
    close = is_close.nonzero()
    for places in close.split(_AGAIN):
        *members, a, b = places.unbind(-1)
        away = left[(*members, a)] - right[(*members, b)]
        squares[tuple(places.unbind(-1))] = away.square().sum(-1)
    return squares.clamp(min=0.0).sqrt()


def _flat(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Return tensors ``[.., A, B]`` with all leading dimensions as one."""
    return tuple(t.reshape(t.shape[:-2].numel(), *t.shape[-2:]) for t in tensors)


def _angles(left: Tensor, right: Tensor) -> Tensor:
    """Return the angles ``[.., A, B]`` between unit vectors; 0 if either is zero."""
    angles = 2 * torch.atan2(distances(left, right), distances(left, -right))
    directionless = ~(left.any(-1).unsqueeze(-1) & right.any(-1).unsqueeze(-2))
    return angles.masked_fill(directionless, 0.0)


def _means_of_nonempty_classes(vectors: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the float64 means of the classes that have samples."""
    present = labels.bincount(minlength=num_classes) > 0
    if int(present.sum()) < 2:
        raise ValueError("inter-class measures need at least two classes with samples")
    return means_in_float64(vectors, labels, num_classes)[..., present, :]


def _cast(pairs: InterClass, dtype: torch.dtype, embeddings: Tensor) -> InterClass:
    """Return the measures in `dtype`, nan for members whose embeddings are not finite."""
    return InterClass(*(nan_where_not_finite(each.to(dtype), embeddings) for each in pairs))
