"""The nets: ordinary PyTorch modules that map images or embeddings to an embedding.

A net is built alone; `sweeper.models.fused` trains many of one shape as one.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from sweeper.errors import UsageError, unknown
from sweeper.models.compact import compact
from sweeper.models.four_layer import four_layer
from sweeper.models.heads import head, linear, mlp
from sweeper.models.lenet import lenet
from sweeper.models.user import Builder, load_builder

__all__ = [
    "NETS",
    "build",
    "compact",
    "default_net",
    "embedding_size",
    "four_layer",
    "head",
    "lenet",
    "linear",
    "mlp",
]


class Net(NamedTuple):
    """A built-in net: its builder, what it takes, and the smallest image side it works on."""

    builder: Builder
    takes: str
    smallest: int = 1


NETS: dict[str, Net] = {
    "compact": Net(compact, "images", 4),
    "four-layer": Net(four_layer, "images", 6),
    "lenet": Net(lenet, "images", 12),
    "head": Net(head, "embeddings"),
    "linear": Net(linear, "embeddings"),
    "mlp": Net(mlp, "embeddings"),
}


def default_net(is_images: bool) -> str:
    """Return the net where none is named: "compact", or the margin head alone for embeddings."""
    return "compact" if is_images else "head"


def build(name: str, input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Build one net, its weights drawn from PyTorch's global generator.

    Args:
        name: a built-in net, or ``package.module:function`` of the user's own.
        input_shape: ``(C, H, W)`` of the images, or ``(d,)`` of the embeddings.
        embedding: the number of features that the net returns.

    Raises:
        UsageError: the net is unknown, or does not fit the inputs.
    """
    if ":" in name:
        module = load_builder(name)(input_shape, embedding)
        if not isinstance(module, nn.Module):
            raise UsageError(f"net {name!r} returned {type(module).__name__}, not a torch module")
        return module
    if name not in NETS:
        raise unknown("net", name, NETS)
    net = NETS[name]
    given = "images" if len(input_shape) == 3 else "embeddings"
    if net.takes != given:
        fitting = ", ".join(other for other in NETS if NETS[other].takes == given)
        raise UsageError(f"net {name!r} takes {net.takes}, the data are {given}; use {fitting}")
    if given == "images" and min(input_shape[1:]) < net.smallest:
        height, width = input_shape[1:]
        raise UsageError(
            f"net {name!r} needs images of at least {net.smallest}x{net.smallest} pixels, "
            f"these are {height}x{width}; use larger images{_fitting(min(height, width))}"
        )
    return net.builder(input_shape, embedding)


def _fitting(side: int) -> str:
    """Name the nets that work on images of this side, for a message."""
    names = [name for name, net in NETS.items() if net.takes == "images" and net.smallest <= side]
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
