"""The wider LeNet of the soft nearest neighbor paper, which S4 compares itself with."""

from torch import nn


def lenet_wide(input_shape: tuple[int, ...], embedding: int) -> nn.Sequential:
    """Build the wide LeNet for images ``(C, H, W)`` of at least 12x12 pixels.

    Convolutions 5x5 of 20 and 50 channels with 2x2 max pooling, a linear layer of 500 with ReLU,
    then the embedding: Caffe's LeNet, which has no nonlinearity but the pooling between its
    convolutions (Frosst, Papernot and Hinton 2019, S4's reference [8], who name the sizes of the
    layers alone). The embedding in place of the ten logits is ours, and so is the first
    convolution's padding by 2, the same as in `lenet`: both work on the same images.
    """
    channels, height, width = input_shape
    return nn.Sequential(
        nn.Conv2d(channels, 20, 5, padding=2),
        nn.MaxPool2d(2),
        nn.Conv2d(20, 50, 5),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(50 * ((height // 2 - 4) // 2) * ((width // 2 - 4) // 2), 500),
        nn.ReLU(),
        nn.Linear(500, embedding),
    )
