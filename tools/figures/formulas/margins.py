"""How wide the margin of two classes is, by the angle between their weights."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from sweeper.registry.setting import paper_default
from tools.figures.losses.drawing import BLUE, GRAY, GREEN, PURPLE, RED, margin


class Shown(NamedTuple):
    """A loss of the lecture: its target logit divided by s, as a function of cos θ ``[N]``."""

    name: str
    color: str
    target: Callable[[Tensor], Tensor]


_SPHEREFACE, _COSFACE = paper_default("sphereface").m1, paper_default("cosface").m3
_ARCFACE = paper_default("arcface").m2

#: The lecture's losses on the hypersphere. Softmax with weights of one length and no bias has the
#: border of the first.
SHOWN = (
    Shown("normalized softmax", GRAY, margin()),
    Shown("SphereFace, m = 4", BLUE, margin(m1=4.0)),
    Shown(f"SphereFace, m = {_SPHEREFACE:g}", PURPLE, margin(m1=_SPHEREFACE)),
    Shown(f"CosFace, m = {_COSFACE:g}", GREEN, margin(m3=_COSFACE)),
    Shown(f"ArcFace, m = {_ARCFACE:g}", RED, margin(m2=_ARCFACE)),
)

#: Halvings of an interval, after which it is as narrow as float64 can have it.
_HALVINGS = 60


def border(target: Callable[[Tensor], Tensor], between: Tensor) -> Tensor:
    """Return how far from its class weight a sample may be at most to lie in its class.

    On the arc between two class weights, where a sample at θ from its own is at γ − θ from the
    other: the θ of which the target logit is cos(γ − θ), by halving.

    Args:
        target: the target logit divided by s, of cos θ, falling with θ.
        between: γ ``[N]``, float64, in radians up to π.

    Returns:
        θ ``[N]``; NaN where not even the class weight itself lies in its class.
    """
    low, high = torch.zeros_like(between), between / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        inside = target(middle.cos()) > (between - middle).cos()
        low, high = torch.where(inside, middle, low), torch.where(inside, high, middle)
    reached = target(torch.ones_like(between)) >= between.cos()
    # Without a margin the border is the middle itself, where rounding decides.
    return high.where(reached, math.nan)


def margin_width(target: Callable[[Tensor], Tensor], between: Tensor) -> Tensor:
    """Return the angle ``[N]`` between the borders of two classes, whose weights are γ apart."""
    return between - 2 * border(target, between)


def least_opening(target: Callable[[Tensor], Tensor]) -> float:
    """Return the angle that two class weights must be apart for either class to be reached."""
    return float(target(torch.ones(1, dtype=torch.float64)).clamp(-1.0, 1.0).acos())
