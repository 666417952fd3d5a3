"""torchvision's ResNet-18, as in the CIFAR experiments of La Grassa et al. 2020."""

from torch import nn

from sweeper.models.backbone import backbone
from sweeper.models.net_name import NetName


def resnet18(input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Build ResNet-18 for images ``(C, H, W)`` of any size, with one or three channels.

    Unmodified from torchvision: a 7x7 convolution of stride 2, max pooling, four stages of two
    blocks with batch normalization (He et al. 2016; used by La Grassa et al. 2020, 'σ²R Loss',
    section 5). One channel is repeated to three. An embedding of 512 is the pooled features
    themselves; otherwise the last layer `fc` maps to the embedding. Training needs at least two
    images per batch.
    """
    return backbone(NetName("resnet18"), input_shape, embedding)
