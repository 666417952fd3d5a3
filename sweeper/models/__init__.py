"""The nets: ordinary PyTorch modules that map images or embeddings to an embedding.

A net is built alone; `sweeper.models.fused` trains many of one shape as one.
"""

from dataclasses import replace

import torch
from torch import Tensor, nn

from sweeper.errors import UsageError
from sweeper.models import pretrained
from sweeper.models.backbone import backbone
from sweeper.models.compact import compact
from sweeper.models.four_layer import four_layer
from sweeper.models.frozen import build_frozen
from sweeper.models.heads import head, linear, mlp
from sweeper.models.lenet import lenet
from sweeper.models.lenet_wide import lenet_wide
from sweeper.models.net_name import NetName, parse
from sweeper.models.resnet import resnet18
from sweeper.models.torchvision_names import require_known
from sweeper.models.user_net import load_builder
from sweeper.registry.lookup import resolve
from sweeper.registry.nets import NETS, Inputs, nets_for

__all__ = [
    "NETS",
    "build",
    "canonical",
    "compact",
    "embedding_size",
    "four_layer",
    "head",
    "image_size",
    "lenet",
    "lenet_wide",
    "linear",
    "mlp",
    "require_name",
    "resnet18",
    "standardization",
]


def build(name: str, input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Build one net, its weights drawn from PyTorch's global generator.

    Args:
        name: a built-in net, one of torchvision's with its options, see `net_name`, or
            ``package.module:function`` of the user's own. Of a net with a frozen body only the head
            is built where the inputs are embeddings, which are then the body's features.
        input_shape: ``(C, H, W)`` of the images, or ``(d,)`` of the embeddings.
        embedding: the number of features that the net returns.

    Raises:
        UsageError: the net is unknown, or does not fit the inputs.
        SweeperError: its weights cannot be loaded, or do not fit it.
    """
    if ":" in name.partition("[")[0]:
        module = load_builder(name)(input_shape, embedding)
        if not isinstance(module, nn.Module):
            raise UsageError(f"net {name!r} returned {type(module).__name__}, not a torch module")
        return module
    parsed = _parse(name)
    net = NETS.get(parsed.base)
    if parsed.frozen:
        return build_frozen(parsed, input_shape, embedding)
    given: Inputs = "images" if len(input_shape) == 3 else "embeddings"
    takes, smallest = (net.takes, net.smallest) if net else ("images", 1)
    if takes != given:
        fitting = ", ".join(nets_for(given))
        raise UsageError(f"net {name!r} takes {takes}, the data are {given}; use {fitting}")
    if given == "images" and min(input_shape[1:]) < smallest:
        height, width = input_shape[1:]
        raise UsageError(
            f"net {name!r} needs images of at least {smallest}x{smallest} pixels, "
            f"these are {height}x{width}; use larger images{_fitting(min(height, width))}"
        )
    if net is None or parsed.has_options:
        return backbone(parsed, input_shape, embedding)
    module = resolve(net.builder)(input_shape, embedding)
    assert isinstance(module, nn.Module)
    return module


def _parse(name: str) -> NetName:
    """Take the name of a net that is not the user's own apart, and check that there is such a net.

    Raises:
        UsageError: there is none, or it has no options.
    """
    parsed = parse(name)
    net = NETS.get(parsed.base)
    if net is None:
        require_known(parsed.base, NETS)
    elif parsed.has_options and not net.options:
        raise UsageError(
            f"net {parsed.base!r} has no options, which stand behind torchvision's nets alone; "
            f"use {parsed.base}"
        )
    return parsed


def require_name(name: str) -> None:
    """See to it that a net has a name that is known; of one of the user's own nothing is looked at.

    Raises:
        UsageError: there is no such net, or it has no such options.
    """
    if ":" not in name.partition("[")[0]:
        _parse(name)


def canonical(name: str) -> str:
    """Return a net's name as it is stored: the same for the same net, from any folder.

    Paths are absolute, weights have their own name in place of DEFAULT, and options stand in their
    order, without those that ask for nothing.

    Raises:
        UsageError: the brackets are wrong, or there are no weights of this name.
    """
    if "[" not in name and "]" not in name:
        return name
    parsed = _parse(name)
    weights = pretrained.describe(parsed)
    return str(replace(parsed, weights=weights.name if weights else None))


def standardization(name: str) -> tuple[Tensor, Tensor] | None:
    """Return mean and std ``[3, 1, 1]`` that a net with weights expects, of images from 0 to 255.

    None for any other net, which takes those of the training images. Gray images become three
    equal channels by them.

    Raises:
        UsageError: the brackets are wrong, or there are no weights of this name.
    """
    weights = pretrained.describe(_parse(name)) if "[" in name else None
    return None if weights is None else weights.standardization()


def image_size(name: str) -> tuple[int, float] | None:
    """Return the side of the images that a net takes, and the share of them that it sees.

    They are those that its weights were trained with, and a size in the net's name replaces their
    side. None where nothing says anything.

    Raises:
        UsageError: the brackets are wrong, or there are no weights of this name.
    """
    if "[" not in name:
        return None
    parsed = _parse(name)
    weights = pretrained.describe(parsed)
    if weights is None:
        return (parsed.size, 1.0) if parsed.size else None
    return parsed.size or weights.side, weights.share


def _fitting(side: int) -> str:
    """Name the nets that work on images of this side, for a message."""
    names = [name for name in nets_for("images") if NETS[name].smallest <= side]
    return f" or {', '.join(names)}" if names else ""


def embedding_size(module: nn.Module, input_shape: tuple[int, ...]) -> int:
    """Return how many features a net gives for one input.

    Raises:
        UsageError: the net fails on such an input, or does not give one vector a sample.
    """
    was_training = module.training
    try:
        with torch.no_grad():
            features = module.eval()(torch.zeros(2, *input_shape))
    except Exception as error:  # whatever a user's net raises
        reason = " ".join(str(error).split())
        raise UsageError(f"the net fails on inputs of {tuple(input_shape)}: {reason}") from error
    finally:
        module.train(was_training)
    if not isinstance(features, Tensor) or features.dim() != 2 or len(features) != 2:
        raise UsageError("the net must map inputs [B, ...] to features [B, embedding]")
    return features.shape[1]
