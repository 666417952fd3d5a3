"""Learned class centers, shared by several terms."""

import torch
from torch import Tensor, nn

from sweeper.losses.tensors import check_features, expand_labels, label_error


def center_parameter(*shape: int) -> nn.Parameter:
    """Return a parameter drawn from N(0, 1).

    The initialization of centers and growth rates in La Grassa et al. 2020, 'σ²R Loss'.
    """
    return nn.Parameter(torch.randn(shape))


def align_with_centers(
    features: Tensor, labels: Tensor, centers: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return features, labels and centers with the same leading dimensions.

    Args:
        features: ``[.., B, d]``.
        labels: ``[B]`` or ``[.., B]``, class numbers.
        centers: ``[.., C, d]``.

    Returns:
        Features ``[.., B, d]`` and centers ``[.., C, d]`` of one dtype, at least float32, and
        labels ``[.., B]`` as int64.

    Raises:
        ValueError: the shapes do not match. The range of labels is not checked.
    """
    if centers.dim() < 2 or not centers.is_floating_point():
        raise ValueError(
            f"centers must be floating point [.., C, d], got {centers.dtype} {tuple(centers.shape)}"
        )
    check_features(features, centers)
    leading = torch.broadcast_shapes(features.shape[:-2], centers.shape[:-2])
    dtype = torch.promote_types(features.dtype, centers.dtype)
    dtype = torch.promote_types(dtype, torch.float32)
    features = features.to(dtype).expand(*leading, *features.shape[-2:])
    centers = centers.to(dtype).expand(*leading, *centers.shape[-2:])
    return features, expand_labels(labels, features), centers


def centers_of_samples(labels: Tensor, centers: Tensor) -> Tensor:
    """Return the center of each sample's class, ``[.., B, d]``.

    Args:
        labels: ``[.., B]``, int64.
        centers: ``[.., C, d]``, with the same leading dimensions.

    Raises:
        ValueError: on the CPU, a label is out of range.
    """
    return values_of_samples(labels, centers.mT).mT


def values_of_samples(labels: Tensor, values: Tensor) -> Tensor:
    """Pick from values ``[.., A, C]`` those of each sample's class, ``[.., A, B]``.

    Args:
        labels: ``[.., B]``, int64.
        values: ``[.., A, C]``, with the same leading dimensions.

    Raises:
        ValueError: on the CPU, a label is out of range.
    """
    index = labels.unsqueeze(-2).expand(*values.shape[:-1], labels.shape[-1])
    try:
        return values.gather(-1, index)
    except RuntimeError as error:
        if "out of bounds" not in str(error):
            raise
        raise label_error(values) from error


def squared_distances_to_centers(features: Tensor, labels: Tensor, centers: Tensor) -> Tensor:
    """Return ‖x_i − c_{y_i}‖² ``[.., B]`` for inputs aligned by `align_with_centers`.

    Raises:
        ValueError: on the CPU, a label is out of range.
    """
    return (features - centers_of_samples(labels, centers)).square().sum(-1)
