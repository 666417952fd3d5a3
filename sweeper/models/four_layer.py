"""The 'simple CNN of 4 layers' of The Curiosity 2021; sizes are ours."""

from torch import nn


def four_layer(input_shape: tuple[int, ...], embedding: int) -> nn.Sequential:
    """Build the four-layer net for images ``(C, H, W)`` of at least 6x6 pixels.

    Two 3x3 convolutions (32, then 64 channels) without padding, one 2x2 max pooling, a hidden layer
    of 128 and the embedding, with ReLU between them ('The Investigation on Cosine Derived Loss
    Functions for Classification on MNIST Dataset', The Curiosity, 2021, section 3, without sizes).
    """
    channels, height, width = input_shape
    return nn.Sequential(
        nn.Conv2d(channels, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * ((height - 4) // 2) * ((width - 4) // 2), 128),
        nn.ReLU(),
        nn.Linear(128, embedding),
    )
