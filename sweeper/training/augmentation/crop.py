"""Random crops of a padded image, each image of a batch at its own place."""

import torch
from torch import Tensor


def crop(
    images: Tensor, top: Tensor, left: Tensor, padding: int, fill: float | Tensor = 0.0
) -> Tensor:
    """Pad images on all four sides and cut one of the old size out of each.

    The same pixels as ``torchvision.transforms.RandomCrop((H, W), padding)`` at the same places.

    Args:
        images: ``[N, C, H, W]``, of any type.
        top: the first row of the cut within the padded image, ``[N]``, from 0 to ``2 * padding``.
        left: likewise the first column.
        padding: pixels on each side.
        fill: what the padding holds: 0, black, for images as stored; for standardized ones
            ``-mean / std``, ``[C, 1, 1]``.

    Returns:
        ``[N, C, H, W]``.
    """
    height, width = images.shape[-2:]
    rows = (top - padding).unsqueeze(1) + torch.arange(height, device=images.device)
    columns = (left - padding).unsqueeze(1) + torch.arange(width, device=images.device)
    # Padding is never built: what lies outside is read from the border, then painted over.
    flat = rows.clamp(0, height - 1).unsqueeze(2) * width
    flat = (flat + columns.clamp(0, width - 1).unsqueeze(1)).flatten(1).unsqueeze(1)
    cut = images.flatten(2).gather(2, flat.expand(-1, images.shape[1], -1)).view(images.shape)
    inside = _within(rows, height).unsqueeze(2) & _within(columns, width).unsqueeze(1)
    return torch.where(inside.unsqueeze(1), cut, torch.as_tensor(fill).to(images))


def _within(places: Tensor, size: int) -> Tensor:
    return (places >= 0) & (places < size)
