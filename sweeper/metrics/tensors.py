"""What every measure asks of its tensors."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def check_samples(values: Tensor, labels: Tensor, num_classes: int | None = None) -> None:
    """Raise ValueError unless values ``[.., N, d]`` and labels ``[N]`` belong together.

    Args:
        values: logits or embeddings, one row a sample.
        labels: class numbers.
        num_classes: where given, no label may reach it.
    """
    if values.dim() < 2 or labels.shape != values.shape[-2:-1] or not len(labels):
        raise ValueError(
            f"labels of shape {tuple(labels.shape)} are not one a sample of {tuple(values.shape)}"
        )
    if labels.is_floating_point() or labels.dtype == torch.bool:
        raise ValueError(f"labels must be class numbers, got {labels.dtype}")
    if num_classes is not None and not 0 <= int(labels.min()) <= int(labels.max()) < num_classes:
        raise ValueError(f"labels must lie from 0 to {num_classes - 1}, one has no class")


def nan_where_not_finite(measures: Tensor, values: Tensor) -> Tensor:
    """Return measures with nan for the members whose values are not all finite.

    Args:
        measures: ``[..]``, or ``[.., C]`` where each class is measured.
        values: the logits or embeddings they were measured on, ``[.., N, d]``.
    """
    broken = ~are_finite(values)
    if measures.dim() > broken.dim():
        broken = broken.unsqueeze(-1)
    return measures.masked_fill(broken, math.nan)


def are_finite(values: Tensor) -> Tensor:
    """Return for each member of ``[.., N, d]`` whether all its values are finite."""
    # The extremes show nan as well as inf, and need no copy of all values as isfinite() does.
    return values.amax((-2, -1)).isfinite() & values.amin((-2, -1)).isfinite()


# The losses have the same three lines: metrics and losses know nothing of each other, so that each
# can be read and used alone.
def at_least_float32(values: Tensor) -> Tensor:
    """Return half precision as float32, and float32 and float64 as they are."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def at_unit_length(embeddings: Tensor) -> Tensor:
    """Return embeddings ``[.., d]`` at unit length in at least float32; zeros stay zeros."""
    return F.normalize(at_least_float32(embeddings), dim=-1)
