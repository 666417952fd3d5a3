"""A net of one's own for `own_net.toml`: the study names it ``own_net:small_convolutions``."""

from torch import nn


def small_convolutions(input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Return a module that takes images ``[B, C, H, W]`` to features ``[B, embedding]``."""
    channels, height, width = input_shape
    return nn.Sequential(
        nn.Conv2d(channels, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * (height // 2) * (width // 2), embedding),
    )
