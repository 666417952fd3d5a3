"""Mirror images, chosen for each image of a batch."""

import torch
from torch import Tensor


def flip(images: Tensor, horizontal: Tensor, vertical: Tensor) -> Tensor:
    """Mirror images.

    Args:
        images: ``[N, C, H, W]``, of any type.
        horizontal: which to mirror left to right, bool ``[N]``.
        vertical: which to mirror upside down, bool ``[N]``.

    Returns:
        ``[N, C, H, W]``.
    """
    images = torch.where(horizontal.view(-1, 1, 1, 1), images.flip(-1), images)
    return torch.where(vertical.view(-1, 1, 1, 1), images.flip(-2), images)
