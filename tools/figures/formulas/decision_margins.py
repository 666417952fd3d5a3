"""The figure and the tables of docs/results/decision-margins.md."""

import math

import numpy as np
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tools.figures.formulas.margins import SHOWN, Shown, least_opening, margin_width
from tools.figures.losses.drawing import name
from tools.pages import markdown

INK = "#24292f"

#: Angles between class weights in the table, in degrees.
_DEGREES = (30, 45, 60, 90, 120, 150, 180)
#: Where the three class weights of the circles stand, in degrees: 60, 120 and 180 apart.
_WEIGHTS = (90.0, 30.0, 210.0)
#: Between which openings the second table compares: all margins are there from the first on.
_FROM, _TO = 1.0, math.pi


def widths() -> str:
    """Return the table of margins over the angle between two class weights."""
    between = torch.tensor(_DEGREES, dtype=torch.float64).deg2rad()
    header = ["between the class weights", *(each.name for each in SHOWN)]
    found = [margin_width(each.target, between).tolist() for each in SHOWN]
    rows = [
        [f"{degrees}° ({angle:.3f} rad)", *(_width(of[i]) for of in found)]
        for i, (degrees, angle) in enumerate(zip(_DEGREES, between.tolist(), strict=True))
    ]
    return markdown(header, rows)


def issues() -> str:
    """Return the table of what the lecture lists as issues, in numbers."""
    header = (
        *("loss", "margin at 1 rad", "margin at π", "widest / narrowest"),
        "least angle between class weights",
    )
    between = torch.linspace(_FROM, _TO, 2001, dtype=torch.float64)
    rows = []
    for each in SHOWN[1:]:
        width = margin_width(each.target, between)
        ratio = float(width.max() / width.min())
        ends = (f"{float(width[0]):.3f} rad", f"{float(width[-1]):.3f} rad")
        rows.append((each.name, *ends, f"{ratio:.2f}", f"{least_opening(each.target):.3f} rad"))
    return markdown(header, rows)


def figure() -> Figure:
    """Draw three classes on the circle under each loss, and below the margins over the angle."""
    circles = (SHOWN[0], SHOWN[2], SHOWN[3], SHOWN[4])
    figure = plt.figure(figsize=(7.4, 5.2), layout="constrained")
    grid = figure.add_gridspec(2, len(circles), height_ratios=(1.0, 1.35))
    for column, shown in enumerate(circles):
        _circle(figure.add_subplot(grid[0, column]), shown)
    axis = figure.add_subplot(grid[1, :])
    between = torch.linspace(0.0, math.pi, 400, dtype=torch.float64)[1:]
    for shown in SHOWN:
        style = "--" if shown is SHOWN[0] else "-"
        width = margin_width(shown.target, between)
        axis.plot(between, width, style, color=shown.color, label=shown.name)
    axis.set_xlim(0.0, math.pi)
    axis.set_xticks([i * math.pi / 4 for i in range(5)], ("0", "π/4", "π/2", "3π/4", "π"))
    axis.set_ylim(-0.05, 2.0)
    axis.legend(loc="upper left")
    name(axis, "", "angle between two class weights (rad)", "margin between the classes (rad)")
    return figure


def _circle(axis: Axes, shown: Shown) -> None:
    """Shade the margins of neighbors on the circle, and draw the borders and the class weights."""
    around = np.linspace(0.0, 2 * math.pi, 181)
    axis.plot(np.cos(around), np.sin(around), color=INK, linewidth=0.8)
    for one, other in zip(_WEIGHTS, (*_WEIGHTS[1:], _WEIGHTS[0]), strict=True):
        one, other = math.radians(one), math.radians(other)
        if other > one:  # the way round on which nothing else lies
            other -= 2 * math.pi
        between = torch.tensor([one - other], dtype=torch.float64)
        half = float(margin_width(shown.target, between)) / 2
        middle = (one + other) / 2
        arc = np.linspace(middle - half, middle + half, 31)
        axis.fill([0, *np.cos(arc)], [0, *np.sin(arc)], color=shown.color, alpha=0.3, linewidth=0)
        for end in (middle - half, middle + half):
            axis.plot([0, math.cos(end)], [0, math.sin(end)], color=shown.color, linewidth=1.0)
        axis.text(
            *(1.27 * math.cos(middle), 1.27 * math.sin(middle), f"{2 * half:.2f}"),
            ha="center",
            va="center",
            fontsize=7,
        )
    for place in map(math.radians, _WEIGHTS):
        tip = (math.cos(place), math.sin(place))
        axis.annotate("", tip, (0, 0), arrowprops={"arrowstyle": "->", "color": INK})
    axis.set_title(shown.name, fontsize=8, pad=2)
    axis.set_aspect("equal")
    axis.set_xlim(-1.45, 1.45)
    axis.set_ylim(-1.4, 1.4)
    axis.set_axis_off()


def _width(width: float) -> str:
    return "none" if math.isnan(width) else f"{width + 0.0:.3f}".replace("-0.000", "0.000")
