"""Trained nets in a portable form, with all weights in one state dict."""

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from sweeper.models.backbone import backbone
from sweeper.models.net_name import parse
from sweeper.models.pretrained import describe


class Portable(NamedTuple):
    """How to build a trained net without its pretrained weights.

    Attributes:
        code: a Python expression that builds it, using `sweeper.models.build` and torch's `nn`.
        input_shape: shape of an input: ``(C, H, W)``, or ``(d,)``.
    """

    code: str
    input_shape: tuple[int, ...]


def portable(name: str, input_shape: tuple[int, ...], embedding: int) -> Portable:
    """Return a net in a form that needs no pretrained weights.

    If the net was trained on the features of a frozen body, the body is prepended, so that the
    whole takes images.

    Args:
        name: name of the net.
        input_shape: shape of a training input; with a frozen body ``(d,)``, that of its features.
        embedding: the requested number of features.
    """
    net = parse(name)
    weights = describe(net)
    if weights is None:
        return Portable(_code(name, input_shape, embedding), input_shape)
    size = net.size or weights.side
    plain = str(replace(net.network, weights=None, size=size))
    if not net.frozen:
        return Portable(_code(plain, input_shape, embedding), input_shape)
    shape = (3, size, size)
    parts = [_code(plain, shape, input_shape[0]), _code(net.head, input_shape, embedding)]
    return Portable(f"nn.Sequential({', '.join(parts)})", shape)


def portable_state(name: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the state dict of the net that `portable` builds.

    Args:
        name: name of the net.
        state: the state dict of the trained part.

    Raises:
        SweeperError: the weights of a frozen body cannot be loaded.
    """
    net = parse(name)
    weights = describe(net)
    if weights is None or not net.frozen:
        return state
    size = net.size or weights.side
    with torch.random.fork_rng(devices=[]):  # leave the user's generator unchanged
        body = backbone(net, (3, size, size), None)
    return {
        **{f"0.{key}": value for key, value in body.state_dict().items()},
        **{f"1.{key}": value for key, value in state.items()},
    }


def _code(name: str, input_shape: tuple[int, ...], embedding: int) -> str:
    return f"build({name!r}, {input_shape!r}, {embedding})"
