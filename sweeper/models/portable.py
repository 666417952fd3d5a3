"""A trained net as others can use it: the weights are all in one place, none is loaded again."""

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from sweeper.models.backbone import backbone
from sweeper.models.net_name import parse
from sweeper.models.pretrained import describe


class Portable(NamedTuple):
    """How to build a net without the files it was trained from.

    Attributes:
        code: a Python expression that builds it, of `sweeper.models.build` and torch's `nn`.
        state: its state dict.
        input_shape: what it takes: ``(C, H, W)``, or ``(d,)``.
        standardization: mean and std ``[3, 1, 1]`` of its images, or None for the training data's.
    """

    code: str
    state: dict[str, Tensor]
    input_shape: tuple[int, ...]
    standardization: tuple[Tensor, Tensor] | None


def portable(
    name: str, input_shape: tuple[int, ...], embedding: int, state: dict[str, Tensor]
) -> Portable:
    """Return a net in a form that needs no weights but its own.

    A frozen body, whose features the net was trained on, is put in front of it: the whole takes
    images.

    Args:
        name: the net's.
        input_shape: of what it was trained on: with a frozen body ``(d,)``, of its features.
        embedding: the number of features that was asked for.
        state: the state dict of what was trained.

    Raises:
        SweeperError: the weights of a frozen body cannot be loaded.
    """
    net = parse(name)
    weights = describe(net)
    if weights is None:
        return Portable(_code(name, input_shape, embedding), state, input_shape, None)
    mean, std = (value.float() for value in weights.standardization())
    size = net.size or weights.side
    plain = str(replace(net.network, weights=None, size=size))
    if not net.frozen:
        return Portable(_code(plain, input_shape, embedding), state, input_shape, (mean, std))
    shape, features = (3, size, size), input_shape[0]
    with torch.random.fork_rng(devices=[]):  # the user's generator is left alone
        body = backbone(net, shape, None)
    parts = [_code(plain, shape, features), _code(net.head, input_shape, embedding)]
    held = {f"0.{key}": value for key, value in body.state_dict().items()}
    held |= {f"1.{key}": value for key, value in state.items()}
    return Portable(f"nn.Sequential({', '.join(parts)})", held, shape, (mean, std))


def _code(name: str, input_shape: tuple[int, ...], embedding: int) -> str:
    return f"build({name!r}, {input_shape!r}, {embedding})"
