"""torchvision's classification nets by name, unchanged except for the last layer."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sweeper.errors import SweeperError, UsageError
from sweeper.models import pretrained
from sweeper.models.net_name import NetName
from sweeper.models.torchvision_names import require_known

#: Prefixes of nets with a fixed image size, and the builder's argument for it.
_FIXED_SIZE_ARGUMENTS = {"vit_": "image_size", "maxvit_": "input_size"}
#: Nets with more than one output in training.
_SEVERAL_OUTPUTS = ("googlenet", "inception_v3")


def backbone(net: NetName, input_shape: tuple[int, ...], embedding: int | None) -> nn.Module:
    """Build one of torchvision's nets for images ``(C, H, W)`` of one or three channels.

    Weights have the same names as in torchvision. One channel is repeated to three. With weights,
    or if `size` is given, images are resized inside the net to a square, bilinear and antialiased.
    The last linear layer outputs the embedding. If that is None or as large as the net's own
    features, the last layer is dropped and the features are the embedding.

    Args:
        net: the name and its options; `body` and `head` are ignored.
        input_shape: shape of an image.
        embedding: the number of features, or None for the net's own.

    Raises:
        UsageError: the net or its weights are unknown, or the images do not suit it.
        SweeperError: the weights cannot be loaded.
    """
    require_known(net.base)
    weights = pretrained.describe(net)
    side = net.size or (weights.side if weights else None)
    module = _build(net, input_shape, side, embedding or 1)
    last = _last_linear(module, embedding or 1)
    if last is None:
        raise UsageError(
            f"net {net.base!r} does not end in a linear layer that the embedding could "
            "replace; use another net, such as resnet50"
        )
    if weights is not None:
        pretrained.fill(module, last, weights, net.base)
    if embedding in (None, module.get_submodule(last).in_features):
        module.set_submodule(last, nn.Identity())
    module.register_forward_pre_hook(_Prepare(net.base, side, _has_batch_norm(module)))
    return module


def standardization(net: NetName) -> tuple[Tensor, Tensor] | None:
    """Return the mean and std ``[3, 1, 1]`` of a net's weights, or None without weights.

    For images from 0 to 255, float64. Broadcasting turns gray images into three channels.

    Raises:
        UsageError: torchvision has no weights of this name for the net.
    """
    weights = pretrained.describe(net)
    return None if weights is None else weights.standardization()


class _Prepare:
    """Convert standardized images ``[B, C, H, W]`` to the shape that a net expects."""

    def __init__(self, name: str, side: int | None, has_batch_norm: bool) -> None:
        self.name, self.side, self.has_batch_norm = name, side, has_batch_norm

    def __call__(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor]:
        (images,) = inputs
        if module.training and self.has_batch_norm and len(images) == 1:
            raise SweeperError(
                f"net {self.name!r} has batch normalization, but one batch is a single image; "
                "choose another batch_size"
            )
        if self.side and images.shape[2:] != (self.side, self.side):
            images = F.interpolate(
                images, size=(self.side, self.side), mode="bilinear", antialias=True
            )
        return (torch.cat([images] * 3, dim=1) if images.shape[1] == 1 else images,)


def _build(net: NetName, input_shape: tuple[int, ...], side: int | None, outputs: int) -> nn.Module:
    """Return torchvision's net, initialized from PyTorch's global generator."""
    from torchvision.models import get_model, get_model_weights

    if net.base in _SEVERAL_OUTPUTS:
        raise UsageError(
            f"net {net.base!r} has auxiliary outputs, which the losses do not support; use "
            "another net, such as resnet50"
        )
    if len(input_shape) != 3 or input_shape[0] not in (1, 3):
        raise UsageError(
            f"net {net.base!r} takes images with 1 or 3 channels, but the data have the shape "
            f"{tuple(input_shape)}"
        )
    height, width = (side, side) if side else input_shape[1:]
    smallest = get_model_weights(net.base).DEFAULT.meta["min_size"][0]
    options = {}
    argument = next(
        (a for start, a in _FIXED_SIZE_ARGUMENTS.items() if net.base.startswith(start)), None
    )
    if argument is not None:
        fixed = side or smallest
        options[argument] = fixed if argument == "image_size" else (fixed, fixed)
        if (height, width) != (fixed, fixed):
            raise UsageError(
                f"net {net.base!r} takes images of {fixed}x{fixed} pixels, but these are "
                f"{height}x{width}; use {net.base}[size={fixed}], which resizes them"
            )
    elif min(height, width) < smallest:
        raise UsageError(
            f"net {net.base!r} needs images of at least {smallest}x{smallest} pixels, but these "
            f"are {height}x{width}; use {net.base}[size={smallest}], which resizes them, or a "
            "larger size"
        )
    try:
        return get_model(net.base, weights=None, num_classes=outputs, **options)  # type: ignore[no-any-return]
    except (ValueError, AssertionError) as error:  # the side is not divisible by the patch size
        raise UsageError(f"net {net.base!r} cannot be built for size={side}: {error}") from None


def _last_linear(module: nn.Module, outputs: int) -> str | None:
    """Return the name of the last linear layer, if it computes the net's outputs."""
    last = None
    for name, layer in module.named_modules():
        if isinstance(layer, nn.Linear):
            last = name if layer.out_features == outputs else None
    return last


def _has_batch_norm(module: nn.Module) -> bool:
    kind = nn.modules.batchnorm._BatchNorm  # noqa: SLF001 - what all kinds of it derive from
    return any(isinstance(m, kind) for m in module.modules())
