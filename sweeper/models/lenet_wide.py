"""The wider LeNet of the soft nearest neighbor paper, a baseline of La Grassa et al. 2020."""

from torch import nn


def lenet_wide(input_shape: tuple[int, ...], embedding: int) -> nn.Sequential:
    """Build the wide LeNet for images ``(C, H, W)`` of at least 12x12 pixels.

    Convolutions 5x5 of 20 and 50 channels with 2x2 max pooling, a linear layer of 500 with ReLU,
    then the embedding: Caffe's LeNet, which has no nonlinearity between its convolutions except
    pooling (Frosst, Papernot and Hinton 2019, reference [8] of La Grassa et al. 2020, who give only
    the layer sizes). The embedding in place of the ten logits is ours, and so is the padding by 2
    of the first convolution, as in `lenet`, so that both accept the same images.
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
