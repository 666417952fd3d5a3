"""Checks and conversions that all metrics share."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def check_samples(values: Tensor, labels: Tensor, num_classes: int | None = None) -> None:
    """Raise ValueError unless values ``[.., N, d]`` and labels ``[N]`` match.

    Args:
        values: logits or embeddings, one row per sample.
        labels: class numbers.
        num_classes: if given, labels must be smaller.
    """
    if values.dim() < 2 or labels.shape != values.shape[-2:-1] or not len(labels):
        raise ValueError(
            f"labels of shape {tuple(labels.shape)} do not match samples of {tuple(values.shape)}"
        )
    if labels.is_floating_point() or labels.dtype == torch.bool:
        raise ValueError(f"labels must be class numbers, got {labels.dtype}")
    if num_classes is not None and not 0 <= int(labels.min()) <= int(labels.max()) < num_classes:
        raise ValueError(f"labels must be from 0 to {num_classes - 1}")


def nan_where_not_finite(measures: Tensor, values: Tensor) -> Tensor:
    """Return measures, with nan for members whose values are not all finite.

    Args:
        measures: ``[..]``, or ``[.., C]`` for measures per class.
        values: the logits or embeddings they were computed from, ``[.., N, d]``.
    """
    broken = ~are_finite(values)
    if measures.dim() > broken.dim():
        broken = broken.unsqueeze(-1)
    return measures.masked_fill(broken, math.nan)


def are_finite(values: Tensor) -> Tensor:
    """Return for each member of ``[.., N, d]`` whether all its values are finite."""
    # The extremes reveal nan and inf without the copy of all values that isfinite() makes.
    return values.amax((-2, -1)).isfinite() & values.amin((-2, -1)).isfinite()


# Duplicated from the losses on purpose: neither package imports the other, so that each can be used
# alone.
def at_least_float32(values: Tensor) -> Tensor:
    """Convert half precision to float32; leave float32 and float64 unchanged."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def at_unit_length(embeddings: Tensor) -> Tensor:
    """Return normalized embeddings ``[.., d]`` in at least float32; zeros stay zeros."""
    return F.normalize(at_least_float32(embeddings), dim=-1)
