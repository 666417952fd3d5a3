"""Nets with a frozen body, where only a head on its features is trained."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Self

import torch
from torch import Tensor, nn

from sweeper.models.backbone import backbone, standardization
from sweeper.models.net_name import NetName, parse
from sweeper.registry.lookup import resolve
from sweeper.registry.nets import NETS


class Frozen(nn.Sequential):
    """A body that training never changes, not even its batch statistics, and a head on top."""

    def __init__(self, body: nn.Module, head: nn.Module) -> None:
        super().__init__(OrderedDict(body=body.eval().requires_grad_(False), head=head))

    def train(self, mode: bool = True) -> Self:
        """Set the mode of the head only."""
        super().train(mode)
        self[0].eval()
        return self


def is_frozen(name: str) -> bool:
    """Return True if a net's name asks for a frozen body.

    Raises:
        UsageError: the brackets are malformed.
    """
    return parse(name).frozen


def build_frozen(net: NetName, input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Build body and head for image inputs, or only the head for precomputed features."""
    head: Callable[[tuple[int, ...], int], nn.Module] = resolve(NETS[net.head].builder)
    if len(input_shape) == 1:
        return head(input_shape, embedding)
    body = backbone(net, input_shape, None)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        features = body.eval()(torch.zeros(1, *input_shape)).shape[1:]
    return Frozen(body, head(tuple(features), embedding))


@torch.no_grad()
def embed(
    images: Tensor, name: str, device: torch.device | str = "cpu", batch: int = 128
) -> Tensor:
    """Return the features of a net's body, the input of its last linear layer.

    Args:
        images: uint8 ``[N, C, H, W]``.
        name: name of a net with weights.
        device: device to compute on.
        batch: number of images per batch.

    Returns:
        float32 ``[N, d]``, on the CPU.

    Raises:
        UsageError: the net or its weights are unknown, or the images do not suit it.
        SweeperError: the weights cannot be loaded.
    """
    net = parse(name)
    with torch.random.fork_rng(devices=[]):  # leave the user's generator unchanged
        body = backbone(net, tuple(images.shape[1:]), None).eval().to(device)
    mean, std = (value.to(device).float() for value in standardization(net) or _identity())
    blocks = [body((block.to(device).float() - mean) / std).cpu() for block in images.split(batch)]
    return torch.cat(blocks)


def _identity() -> tuple[Tensor, Tensor]:
    return torch.zeros(()), torch.ones(())
