"""Pairs of embeddings in a batch: their distances, their classes, and means over some of them."""

import torch
from torch import Tensor

from sweeper.losses.tensors import at_least_float32, fitting_labels

#: Added inside square roots, so that coinciding points have a finite gradient.
EPSILON = 1e-12


def embeddings(features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return features ``[.., B, d]`` in at least float32 and their labels ``[.., B]`` as int64.

    Raises:
        ValueError: the features are not floating point, or the shapes do not fit.
    """
    if features.dim() < 2 or not features.is_floating_point():
        raise ValueError(
            "features must be floating point [.., B, d], "
            f"got {features.dtype} {tuple(features.shape)}"
        )
    return at_least_float32(features), fitting_labels(labels, features)


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """Return the squared Euclidean distances ``[.., N, M]`` of ``[.., N, d]`` from ``[.., M, d]``.

    Exact for close points too, which ‖a‖² + ‖b‖² - 2ab is not. The gradient is that of this form
    in float64, where its rounding does not matter: the one of `torch.cdist` needs memory for
    ``[.., N, M, d]`` on a GPU.
    """
    with torch.autocast(a.device.type, enabled=False):
        distances = torch.cdist(
            a.detach(), b.detach(), compute_mode="donot_use_mm_for_euclid_dist"
        ).square()
        a, b = a.double(), b.double()
        form = a.square().sum(-1, keepdim=True) + b.square().sum(-1).unsqueeze(-2) - 2.0 * a @ b.mT
        # Adds exactly 0, and is what the gradient flows through.
        return distances + (form - form.detach()).to(distances)


def same_class(labels: Tensor) -> Tensor:
    """Return which pairs have one class, ``[.., B, B]``, every sample with itself included."""
    return labels.unsqueeze(-1) == labels.unsqueeze(-2)


def not_itself(labels: Tensor) -> Tensor:
    """Return ``[B, B]`` which is False on the diagonal alone."""
    size = labels.shape[-1]
    return ~torch.eye(size, dtype=torch.bool, device=labels.device)


def mean_where(mask: Tensor, values: Tensor, axes: int = 2) -> Tensor:
    """Return the mean over the last `axes` of the values where the mask holds, 0 where nowhere."""
    over = tuple(range(-axes, 0))
    total = torch.where(mask, values, 0.0).sum(over)
    return total / mask.sum(over).clamp(min=1)
