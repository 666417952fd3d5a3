"""torchvision's classification nets by their names, as they are but for their last layer."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sweeper.errors import SweeperError, UsageError
from sweeper.models import pretrained
from sweeper.models.net_name import NetName
from sweeper.models.torchvision_names import require_known

#: Nets that work on images of one side alone, and what their builders call it.
_FIXED = {"vit_": "image_size", "maxvit_": "input_size"}
#: Nets that give more than one output in training.
_SEVERAL_OUTPUTS = ("googlenet", "inception_v3")


def backbone(net: NetName, input_shape: tuple[int, ...], embedding: int | None) -> nn.Module:
    """Build one of torchvision's nets for images ``(C, H, W)`` of one or three channels.

    The weights have the names that they have in torchvision. One channel is repeated to three. With
    weights, or where `size` is given, images are resized inside the net to a square, bilinear and
    antialiased. The last linear layer gives the embedding; where that is as large as the net's own
    features, or None, the features are the embedding, and there is no further layer.

    Args:
        net: the name and its options, of which `body` and `head` are left alone.
        input_shape: of an image.
        embedding: the number of features wanted, or None for the net's own.

    Raises:
        UsageError: there is no such net or weights, or the images do not fit it.
        SweeperError: the weights cannot be loaded.
    """
    require_known(net.base)
    weights = pretrained.describe(net)
    side = net.size or (weights.side if weights else None)
    module = _made(net, input_shape, side, embedding or 1)
    last = _last_linear(module, embedding or 1)
    if last is None:
        raise UsageError(
            f"net {net.base!r} does not end in a linear layer, in whose place the embedding "
            "stands; use another, resnet50 for example"
        )
    if weights is not None:
        pretrained.fill(module, last, weights, net.base)
    if embedding in (None, module.get_submodule(last).in_features):
        module.set_submodule(last, nn.Identity())
    module.register_forward_pre_hook(_Prepare(net.base, side, _has_batch_norm(module)))
    return module


def standardization(net: NetName) -> tuple[Tensor, Tensor] | None:
    """Return mean and std ``[3, 1, 1]`` that a net's weights were trained with, None without any.

    Of images from 0 to 255, float64. Gray images become three equal channels by them.

    Raises:
        UsageError: torchvision has no weights of this name for the net.
    """
    weights = pretrained.describe(net)
    return None if weights is None else weights.standardization()


class _Prepare:
    """Brings standardized images ``[B, C, H, W]`` into the shape that a net takes."""

    def __init__(self, name: str, side: int | None, has_batch_norm: bool) -> None:
        self.name, self.side, self.has_batch_norm = name, side, has_batch_norm

    def __call__(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor]:
        (images,) = inputs
        if module.training and self.has_batch_norm and len(images) == 1:
            raise SweeperError(
                f"net {self.name!r} normalizes over a batch, and one of its batches is a single "
                "image; choose another batch_size"
            )
        if self.side and images.shape[2:] != (self.side, self.side):
            images = F.interpolate(
                images, size=(self.side, self.side), mode="bilinear", antialias=True
            )
        return (torch.cat([images] * 3, dim=1) if images.shape[1] == 1 else images,)


def _made(net: NetName, input_shape: tuple[int, ...], side: int | None, outputs: int) -> nn.Module:
    """Return torchvision's net, drawn from PyTorch's global generator."""
    from torchvision.models import get_model, get_model_weights

    if net.base in _SEVERAL_OUTPUTS:
        raise UsageError(
            f"net {net.base!r} has auxiliary outputs, which no loss here takes; use another, "
            "resnet50 for example"
        )
    if len(input_shape) != 3 or input_shape[0] not in (1, 3):
        raise UsageError(
            f"net {net.base!r} takes images of 1 or 3 channels, the data have the shape "
            f"{tuple(input_shape)}"
        )
    height, width = (side, side) if side else input_shape[1:]
    smallest = get_model_weights(net.base).DEFAULT.meta["min_size"][0]
    options = {}
    argument = next((a for start, a in _FIXED.items() if net.base.startswith(start)), None)
    if argument is not None:
        fixed = side or smallest
        options[argument] = fixed if argument == "image_size" else (fixed, fixed)
        if (height, width) != (fixed, fixed):
            raise UsageError(
                f"net {net.base!r} takes images of {fixed}x{fixed} pixels, these are "
                f"{height}x{width}; use {net.base}[size={fixed}], which resizes them"
            )
    elif min(height, width) < smallest:
        raise UsageError(
            f"net {net.base!r} needs images of at least {smallest}x{smallest} pixels, these are "
            f"{height}x{width}; use {net.base}[size={smallest}], which resizes them, or a larger "
            "size"
        )
    try:
        return get_model(net.base, weights=None, num_classes=outputs, **options)  # type: ignore[no-any-return]
    except (ValueError, AssertionError) as error:  # a side that its patches do not divide
        raise UsageError(f"net {net.base!r} cannot be built for size={side}: {error}") from None


def _last_linear(module: nn.Module, outputs: int) -> str | None:
    """Return the name of the last linear layer, if it gives the net's outputs."""
    last = None
    for name, layer in module.named_modules():
        if isinstance(layer, nn.Linear):
            last = name if layer.out_features == outputs else None
    return last


def _has_batch_norm(module: nn.Module) -> bool:
    kind = nn.modules.batchnorm._BatchNorm  # noqa: SLF001 - what all kinds of it derive from
    return any(isinstance(m, kind) for m in module.modules())
