"""Checks of shapes and precision that all losses share."""

import torch
from torch import Tensor


def at_least_float32(values: Tensor) -> Tensor:
    """Convert half precision to float32; leave float32 and float64 unchanged."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def check_leading(shape: tuple[int, ...], leading: tuple[int, ...], name: str) -> None:
    """Raise ValueError unless `shape` can be expanded to `leading`."""
    try:
        expandable = tuple(torch.broadcast_shapes(shape, leading)) == tuple(leading)
    except RuntimeError:
        expandable = False
    if not expandable:
        raise ValueError(f"{name} of shape {tuple(shape)} cannot be expanded to {tuple(leading)}")


def check_features(features: Tensor, weight: Tensor) -> None:
    """Raise ValueError unless features ``[.., B, d]`` and a weight ``[.., C, d]`` match."""
    if features.dim() < 2 or features.shape[-1] != weight.shape[-1]:
        raise ValueError(
            f"features must be [.., B, {weight.shape[-1]}], got {tuple(features.shape)}"
        )
    if not features.is_floating_point():
        raise ValueError(f"features must be floating point, got {features.dtype}")
    try:
        torch.broadcast_shapes(features.shape[:-2], weight.shape[:-2])
    except RuntimeError as error:
        raise ValueError(
            f"features of shape {tuple(features.shape)} do not match "
            f"the members of a weight of shape {tuple(weight.shape)}"
        ) from error


def check_precision(features: Tensor, weight: Tensor) -> None:
    """Raise ValueError if only one of features and weight is float64.

    PyTorch's linear layers refuse that, too; of half precision and float32 the product is float32.
    """
    if (features.dtype == torch.float64) != (weight.dtype == torch.float64):
        raise ValueError(
            f"features are {features.dtype} and the weights of the loss {weight.dtype}; convert "
            "one of them, with features.float() or loss.double()"
        )


def expand_labels(labels: Tensor, scores: Tensor) -> Tensor:
    """Return labels ``[B]`` or ``[.., B]`` as int64, one per row of scores ``[.., B, C]``.

    Raises:
        ValueError: the labels are not integers, or not one per sample. Their range is not checked:
            that would wait for the GPU.
    """
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise ValueError(f"labels must be class numbers, got {labels.dtype}")
    if scores.dim() < 2 or labels.dim() < 1 or labels.shape[-1] != scores.shape[-2]:
        raise ValueError(
            f"labels of shape {tuple(labels.shape)} do not match samples of {tuple(scores.shape)}"
        )
    check_leading(labels.shape, scores.shape[:-1], "labels")
    return labels.long().expand(scores.shape[:-1])


def label_error(scores: Tensor) -> ValueError:
    """Return the error for labels outside the classes of scores ``[.., B, C]``."""
    return ValueError(f"labels must be from 0 to {scores.shape[-1] - 1}")
