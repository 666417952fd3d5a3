"""How the figures of losses are drawn: curves over an angle, and borders of two classes."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from sweeper import losses

GRAY, RED, BLUE, GREEN, PURPLE = "#666666", "#c8501e", "#0b6fb3", "#0a8a63", "#a8528f"
POINTS = 121


class Curve(NamedTuple):
    """A target logit, divided by s, as a function of cos θ ``[N]``."""

    label: str
    color: str
    target: Callable[[Tensor], Tensor]
    style: str = "-"


def turn() -> Tensor:
    """Return angles from 0 to π in radians, float64."""
    return torch.linspace(0.0, math.pi, POINTS, dtype=torch.float64)


def margin(
    m1: float = 1.0, m2: float = 0.0, m3: float = 0.0, monotone: bool = True
) -> Callable[[Tensor], Tensor]:
    """Return the target logit of the combined margin loss at s = 1."""

    def target(cosine: Tensor) -> Tensor:
        both = torch.stack([cosine, torch.zeros_like(cosine)], -1)
        labels = torch.zeros(len(cosine), dtype=torch.int64)
        return losses.combined_margin_logits(both, labels, m1, m2, m3, 1.0, monotone)[:, 0]

    return target


PLAIN = Curve("no margin", GRAY, margin(), "--")


def panels(count: int) -> tuple[Figure, list[Axes]]:
    """Return a figure of one panel or two."""
    size = (7.4, 3.2) if count == 2 else (4.8, 3.0)
    figure, axes = plt.subplots(1, count, figsize=size, layout="constrained", squeeze=False)
    return figure, list(axes[0])


def angles(axis: Axes, *which: str) -> None:
    """Mark one or both axes in parts of π."""
    labels = ("0", "π/4", "π/2", "3π/4", "π")
    for one in which:
        getattr(axis, f"set_{one}lim")(0.0, math.pi)
        getattr(axis, f"set_{one}ticks")([i * math.pi / 4 for i in range(5)], labels)


def name(axis: Axes, title: str, x: str, y: str) -> None:
    """Give a panel its title and the names of its axes."""
    axis.set_title(title)
    axis.set_xlabel(x)
    axis.set_ylabel(y)


def draw_targets(axis: Axes, curves: Sequence[Curve], title: str = "target logit") -> None:
    """Draw target logits over θ."""
    theta = turn()
    for curve in curves:
        axis.plot(
            theta, curve.target(theta.cos()), curve.style, color=curve.color, label=curve.label
        )
    angles(axis, "x")
    name(axis, title, "angle θ to the own class (rad)", "target logit / s")
    axis.legend(loc="lower left")


def border(target: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """Return the angles (θ1, θ2) at which the target logit of class 1 is cos θ2, for rising θ1."""
    theta = torch.linspace(0.0, math.pi, 20_001, dtype=torch.float64)
    values = target(theta.cos())
    there = values.abs() <= 1.0  # else no θ2 is large enough, or every one
    theta, other = theta[there], values[there].acos()
    # At even steps along the border, however steep it is.
    gone = torch.cat([theta[:1] * 0, theta.diff().hypot(other.diff()).cumsum(0)])
    steps = torch.linspace(0.0, float(gone[-1]), 100, dtype=torch.float64)
    kept = torch.searchsorted(gone, steps).clamp(max=len(theta) - 1)
    return theta[kept], other[kept]


def draw_borders(axis: Axes, curves: Sequence[Curve], shaded: str) -> None:
    """Draw the borders of two classes over the angles to both; the band of one margin shaded."""
    for curve in curves:
        near, far = border(curve.target)
        for x, y in ((near, far), (far, near)):
            axis.plot(x, y, curve.style, color=curve.color, linewidth=1.3)
        if curve.label == shaded:
            low, high = (torch.full((1,), end, dtype=torch.float64) for end in (0.0, math.pi))
            x = torch.cat([low, near, high, far.flip(0)])
            y = torch.cat([low, far, high, near.flip(0)])
            axis.fill(x, y, color=curve.color, alpha=0.2, linewidth=0)
    plane(axis, f"decision margin (shaded: {shaded})")
    axis.text(0.02 * math.pi, 0.94 * math.pi, "class 1", va="center")
    axis.text(0.98 * math.pi, 0.06 * math.pi, "class 2", va="center", ha="right")


def plane(axis: Axes, title: str) -> None:
    """Make a panel the plane of the angles to two classes."""
    angles(axis, "x", "y")
    axis.set_aspect("equal")
    name(axis, title, "angle θ₁ to class 1 (rad)", "angle θ₂ to class 2 (rad)")


def margins(curves: Sequence[Curve], shaded: str, borders: Sequence[Curve] = ()) -> Figure:
    """Draw target logits, and beside them the borders of two classes."""
    figure, (left, right) = panels(2)
    draw_targets(left, curves)
    draw_borders(right, borders or curves, shaded)
    return figure
