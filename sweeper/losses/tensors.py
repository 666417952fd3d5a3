"""What every loss asks of its tensors: shapes that fit, and enough precision."""

import torch
from torch import Tensor


def at_least_float32(values: Tensor) -> Tensor:
    """Return half precision as float32, and float32 and float64 as they are."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def check_leading(shape: tuple[int, ...], leading: tuple[int, ...], what: str) -> None:
    """Raise ValueError unless `shape` can be expanded to `leading`."""
    try:
        fits = tuple(torch.broadcast_shapes(shape, leading)) == tuple(leading)
    except RuntimeError:
        fits = False
    if not fits:
        raise ValueError(f"{what} of shape {tuple(shape)} does not fit {tuple(leading)}")


def check_features(features: Tensor, weight: Tensor) -> None:
    """Raise ValueError unless features ``[.., B, d]`` and a weight ``[.., C, d]`` fit together."""
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
            f"features of shape {tuple(features.shape)} do not fit "
            f"the members of a weight of shape {tuple(weight.shape)}"
        ) from error


def fitting_labels(labels: Tensor, scores: Tensor) -> Tensor:
    """Return labels ``[B]`` or ``[.., B]`` as int64, expanded to scores ``[.., B, C]`` less C.

    Raises:
        ValueError: the labels are not whole numbers, or not one a sample. Their range is not
            looked at, since that would wait for the GPU.
    """
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise ValueError(f"labels must be class numbers, got {labels.dtype}")
    if scores.dim() < 2 or labels.dim() < 1 or labels.shape[-1] != scores.shape[-2]:
        raise ValueError(
            f"labels of shape {tuple(labels.shape)} are not one a sample of {tuple(scores.shape)}"
        )
    check_leading(labels.shape, scores.shape[:-1], "labels")
    return labels.long().expand(scores.shape[:-1])


def label_error(scores: Tensor) -> ValueError:
    """Return the error for labels outside the classes of scores ``[.., B, C]``."""
    return ValueError(f"labels must lie from 0 to {scores.shape[-1] - 1}, one has no class")
