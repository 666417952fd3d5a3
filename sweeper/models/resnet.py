"""ResNet-18, as torchvision has it, which S4 trains on CIFAR."""

from torch import nn

from sweeper.models.backbone import backbone
from sweeper.models.net_name import NetName


def resnet18(input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Build ResNet-18 for images ``(C, H, W)`` of any size, with one or three channels.

    torchvision's, unmodified: a 7x7 convolution of stride 2, max pooling, four stages of two blocks
    with batch normalization (He et al. 2016; S4, section 5). One channel is repeated to three. An
    embedding of 512 is the pooled features themselves; for another, the last layer `fc` maps to it.
    Training takes at least two images a batch.
    """
    return backbone(NetName("resnet18"), input_shape, embedding)
