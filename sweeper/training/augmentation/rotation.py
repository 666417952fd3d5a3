"""Rotation about the center, each image of a batch by its own angle."""

import torch
from torch import Tensor
from torch.nn import functional as F


def rotate(images: Tensor, angle: Tensor, fill: float | Tensor = 0.0) -> Tensor:
    """Rotate images about their centers, within their frames, with bilinear interpolation.

    The same values as ``torchvision.transforms.functional.rotate`` with
    ``InterpolationMode.BILINEAR`` and no `fill` told, which takes one angle, in degrees, for all.

    Args:
        images: ``[N, C, H, W]``, floating.
        angle: counter-clockwise, in radians, floating ``[N]``. At 0 an image stays exactly as it
            is.
        fill: what comes in from outside: 0, black, for images as stored; for standardized ones
            ``-mean / std``, ``[C, 1, 1]``.

    Returns:
        ``[N, C, H, W]``.

    Raises:
        TypeError: whole-numbered images, whose interpolated values would have to be rounded.
    """
    if not images.is_floating_point():
        raise TypeError(f"only floating images can be rotated, not {images.dtype}")
    # Outside, `grid_sample` knows 0 alone. Interpolation being linear, a shift does the rest.
    outside = torch.as_tensor(fill).to(images)
    grid = _grid(angle, images)
    rotated = F.grid_sample(images - outside, grid, padding_mode="zeros", align_corners=False)
    return torch.where((angle == 0).view(-1, 1, 1, 1), images, rotated + outside)


def _grid(angle: Tensor, images: Tensor) -> Tensor:
    """Return where each pixel comes from, ``[N, H, W, 2]`` as (x, y), from -1 to 1 in the image."""
    height, width = images.shape[-2:]
    x = torch.arange(width, device=images.device, dtype=images.dtype) - (width - 1) / 2
    y = torch.arange(height, device=images.device, dtype=images.dtype) - (height - 1) / 2
    x, y = x.view(1, 1, -1), y.view(1, -1, 1)
    # y points down: the result is looked up clockwise, and so turns counter-clockwise.
    cos, sin = (f.to(images.dtype).view(-1, 1, 1) for f in (angle.cos(), angle.sin()))
    return torch.stack(
        [(x * cos - y * sin) / (width / 2), (x * sin + y * cos) / (height / 2)], dim=-1
    )
