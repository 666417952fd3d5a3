"""The figure and the table of docs/results/sigma2r-surface.md."""

import math
from typing import Any

import torch
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from torch import Tensor

from sweeper import losses
from sweeper.losses.sigma2r import sigma2r_weight
from sweeper.registry.terms import TERMS
from tools.figures.losses.drawing import GRAY, RED
from tools.pages import markdown

Z = TERMS["sigma2r"].hyperparameters["z"].default
#: w, of which K is near 5: at 0, where it begins, the surface is nearly a step.
GROWTH = -2.0
#: The spread around the center of each of the three plots, where the surface turns.
CENTERS = (0.5, 1.0, 1.5)
#: How far a distance and a spread go, and lines of the mesh to a side.
_FAR, _LINES = 2.0, 11


def surface(distance: Tensor, around_sample: Tensor, around_center: float) -> Tensor:
    """Return what σ²R is of one sample, by its distance to the center and the spread around it."""
    growth = torch.tensor(GROWTH, dtype=distance.dtype)
    return sigma2r_weight(around_sample - around_center, growth, Z) * distance**2


def center(distance: Tensor) -> Tensor:
    """Return what the center loss is of one sample ``[N]`` at a distance ``[N]``."""
    features = distance.reshape(-1, 1, 1)
    labels = torch.zeros(1, dtype=torch.int64)
    value = losses.center_loss(features, labels, torch.zeros(1, 1, dtype=distance.dtype))
    return value.reshape(distance.shape)


def inflection(around_center: float, distance: float = 1.0) -> float:
    """Return the spread at which the surface turns from convex to concave, by halving.

    By automatic second derivatives; the formula is σ(n, x) = σ(n, c), at every distance.
    """
    at = torch.tensor(distance, dtype=torch.float64)

    def curvature(spread: float) -> float:
        x = torch.tensor(spread, dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(surface(at, x, around_center), x, create_graph=True)
        return float(torch.autograd.grad(slope, x)[0])

    low, high = around_center - 0.4, around_center + 0.3
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if curvature(middle) > 0 else (low, middle)
    return (low + high) / 2


def level(around_center: float) -> float:
    """Return the spread at which σ²R and the center loss are the same: β = 1/2."""
    rate = 1e-3 + Z / (1 + math.exp(-GROWTH))
    return around_center - math.log(2 * Z - 1) / rate


def table() -> str:
    """Return the inflection points, and both losses there."""
    header = (
        *("σ(n, c)", "inflection by formula", "by second derivatives", "β there"),
        *("σ²R at distance 1", "center at distance 1", "as large as center at σ(n, x)"),
    )
    one, rows = torch.ones((), dtype=torch.float64), []
    for each in CENTERS:
        there = float(surface(one, torch.tensor(each, dtype=torch.float64), each))
        numbers = (each, inflection(each))
        rows.append(
            (
                *(f"{each:g}", *(f"{number:.4f}" for number in numbers), f"{there:.2f}"),
                *(f"{there:.2f}", f"{float(center(one)):.2f}", _spread(level(each))),
            )
        )
    return markdown(header, rows)


def _spread(value: float) -> str:
    return f"{value:.3f}" if value >= 0 else "nowhere"


def figure() -> Figure:
    """Draw both surfaces for three spreads around the center."""
    steps = torch.linspace(0.0, _FAR, _LINES, dtype=torch.float64)
    distance, spread = torch.meshgrid(steps, steps, indexing="ij")
    figure, axes = plt.subplots(
        1, len(CENTERS), figsize=(9.0, 3.3), subplot_kw={"projection": "3d"}, layout="constrained"
    )
    mesh: dict[str, Any] = {"rcount": _LINES, "ccount": _LINES, "linewidth": 0.2}
    for axis, each in zip(axes, CENTERS, strict=True):
        value = surface(distance, spread, each)
        # Matplotlib sorts no surfaces by depth: the center loss comes last where it is above.
        plain = center(distance)
        below = plain.masked_fill(plain > value + Z / 100, math.nan)
        above = plain.masked_fill(plain < value - Z / 100, math.nan)
        axis.computed_zorder = False
        look = {**mesh, "color": GRAY, "alpha": 0.6}
        axis.plot_surface(*_arrays(distance, spread, below), zorder=1, **look)
        axis.plot_surface(*_arrays(distance, spread, value), cmap="plasma", zorder=2, **mesh)
        axis.plot_surface(*_arrays(distance, spread, above), zorder=3, **look)
        line = steps, torch.full_like(steps, each)
        axis.plot(*_arrays(*line, surface(*line, each)), color=RED, linewidth=1.5, zorder=10)
        axis.set_title(f"inflection at σ(n, x) = {each:g}", y=0.94)
        axis.set_xlabel("‖x − c‖")
        axis.set_ylabel("σ(n, x)")
        axis.set_zlim(0.0, Z * _FAR**2)
        axis.view_init(elev=22, azim=-125)
        axis.set_box_aspect(None, zoom=0.88)
    return figure


def _arrays(*tensors: Tensor) -> list[Any]:
    return [tensor.numpy() for tensor in tensors]
