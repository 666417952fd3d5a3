"""LeNet with PReLU, as in the Fashion-MNIST experiments of La Grassa et al. 2020."""

from torch import nn


def lenet(input_shape: tuple[int, ...], embedding: int) -> nn.Sequential:
    """Build LeNet for images ``(C, H, W)`` of at least 12x12 pixels.

    Convolutions 5x5 of 6 and 16 channels with 2x2 max pooling, linear layers of 120 and 84, each
    followed by PReLU, then the embedding (LeCun et al. 1998; PReLU and the embedding as in La
    Grassa et al. 2020, 'σ²R Loss', section 5). The first convolution pads by 2, so that 28x28
    images match the original's 32x32.
    """
    channels, height, width = input_shape
    return nn.Sequential(
        nn.Conv2d(channels, 6, 5, padding=2),
        nn.PReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.PReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * ((height // 2 - 4) // 2) * ((width // 2 - 4) // 2), 120),
        nn.PReLU(),
        nn.Linear(120, 84),
        nn.PReLU(),
        nn.Linear(84, embedding),
    )
