"""The learned centers of classes, which several terms pull embeddings to."""

import torch
from torch import Tensor, nn

from sweeper.losses.tensors import check_features, fitting_labels, label_error


def center_parameter(*shape: int) -> nn.Parameter:
    """Return a parameter drawn from N(0, 1), as S4 starts its centers and growth rates."""
    return nn.Parameter(torch.randn(shape))


def fit_together(
    features: Tensor, labels: Tensor, centers: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return features, labels and centers with the same leading dimensions.

    Args:
        features: ``[.., B, d]``.
        labels: ``[B]`` or ``[.., B]``, class numbers.
        centers: ``[.., C, d]``.

    Returns:
        Features ``[.., B, d]`` and centers ``[.., C, d]`` of one precision, at least float32, and
        labels ``[.., B]`` as int64.

    Raises:
        ValueError: the shapes do not fit. The range of labels is not looked at.
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
    return features, fitting_labels(labels, features), centers


def own_centers(labels: Tensor, centers: Tensor) -> Tensor:
    """Return the center of each sample's class, ``[.., B, d]``.

    Args:
        labels: ``[.., B]``, int64.
        centers: ``[.., C, d]``, with the same leading dimensions.

    Raises:
        ValueError: on the CPU, a label has no center.
    """
    return own_values(labels, centers.mT).mT


def own_values(labels: Tensor, values: Tensor) -> Tensor:
    """Return of values ``[.., A, C]`` those of each sample's class, ``[.., A, B]``.

    Args:
        labels: ``[.., B]``, int64.
        values: ``[.., A, C]``, with the same leading dimensions.

    Raises:
        ValueError: on the CPU, a label has no class.
    """
    index = labels.unsqueeze(-2).expand(*values.shape[:-1], labels.shape[-1])
    try:
        return values.gather(-1, index)
    except RuntimeError as error:
        if "out of bounds" not in str(error):
            raise
        raise label_error(values) from error


def own_squared_distances(features: Tensor, labels: Tensor, centers: Tensor) -> Tensor:
    """Return ‖x_i − c_{y_i}‖² ``[.., B]`` of what `fit_together` returned.

    Raises:
        ValueError: on the CPU, a label has no center.
    """
    return (features - own_centers(labels, centers)).square().sum(-1)
