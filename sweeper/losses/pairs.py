"""Pairs of embeddings in a batch: distances, masks by class, and masked means."""

import torch
from torch import Tensor

from sweeper.losses.tensors import at_least_float32, expand_labels

#: Added inside square roots, so that identical points have a finite gradient.
EPSILON = 1e-12


def embeddings(features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return features ``[.., B, d]`` in at least float32 and their labels ``[.., B]`` as int64.

    Raises:
        ValueError: the features are not floating point, or the shapes do not match.
    """
    if features.dim() < 2 or not features.is_floating_point():
        raise ValueError(
            "features must be floating point [.., B, d], "
            f"got {features.dtype} {tuple(features.shape)}"
        )
    return at_least_float32(features), expand_labels(labels, features)


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """Return the squared Euclidean distances ``[.., N, M]`` of ``[.., N, d]`` to ``[.., M, d]``.

    Accurate for close points too, unlike ‖a‖² + ‖b‖² - 2ab. The gradient uses that form in float64,
    where its rounding does not matter, because the gradient of `torch.cdist` needs memory for
    ``[.., N, M, d]`` on a GPU.
    """
    with torch.autocast(a.device.type, enabled=False):
        distances = torch.cdist(
            a.detach(), b.detach(), compute_mode="donot_use_mm_for_euclid_dist"
        ).square()
        a, b = a.double(), b.double()
        expanded = (
            a.square().sum(-1, keepdim=True) + b.square().sum(-1).unsqueeze(-2) - 2.0 * a @ b.mT
        )
        # Adds exactly 0 and carries the gradient.
        return distances + (expanded - expanded.detach()).to(distances)


def same_class(labels: Tensor) -> Tensor:
    """Return the mask of same-class pairs, ``[.., B, B]``, including each sample with itself."""
    return labels.unsqueeze(-1) == labels.unsqueeze(-2)


def off_diagonal(labels: Tensor) -> Tensor:
    """Return a mask ``[B, B]`` that is False only on the diagonal."""
    size = labels.shape[-1]
    return ~torch.eye(size, dtype=torch.bool, device=labels.device)


def mean_where(mask: Tensor, values: Tensor, axes: int = 2) -> Tensor:
    """Return the mean of the masked values over the last `axes` axes, 0 if the mask is empty."""
    over = tuple(range(-axes, 0))
    total = torch.where(mask, values, 0.0).sum(over)
    return total / mask.sum(over).clamp(min=1)
