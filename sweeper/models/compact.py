"""The compact net of Shah and Mangwani: two convolutions, two linear layers; sizes are ours."""

from torch import nn


def compact(input_shape: tuple[int, ...], embedding: int) -> nn.Sequential:
    """Build the compact net for images ``(C, H, W)`` of at least 4x4 pixels.

    Two blocks of 3x3 convolution (32, then 64 channels), ReLU and 2x2 max pooling, then a hidden
    layer of 128 and the embedding (Shah and Mangwani, 'Exploring Tailored Loss Functions for
    Improved Confidence and Performance in Deep Learning', section 4, who give no sizes).
    """
    channels, height, width = input_shape
    return nn.Sequential(
        nn.Conv2d(channels, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * (height // 4) * (width // 4), 128),
        nn.ReLU(),
        nn.Linear(128, embedding),
    )
