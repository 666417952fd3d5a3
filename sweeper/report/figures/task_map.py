"""The map of tasks: where data look alike, and which scale or gain was best there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from sweeper.report.figures import style
from sweeper.report.figures.axes import ParameterAxis
from sweeper.repository.objectives import in_unit, shown, unit_of_gains
from sweeper.repository.task_map import MapAxis, TaskMap

#: What a map is colored by.
Coloring = Literal["scale", "gain"]

#: A symbol for each start, so that the color need not say it.
_SYMBOLS = {"scratch": "circle", "tuned": "diamond", "frozen": "square"}

_SIZE = 9

_HOLLOW = {"color": style.EDGE, "line": {"width": 1.5}}

#: Light and dark pages have it between a marker and what is behind it.
_EDGE = {"width": 1, "color": "rgba(127, 127, 127, 0.9)"}


@dataclass(frozen=True)
class MappedTask:
    """A task on the map.

    Attributes:
        task: its id.
        start: how its training starts.
        best: its best setting, in words.
        scale: of that; None for plain softmax.
        gain: of that over plain softmax; NaN where it is not known.
        link: the address of its page.
    """

    task: str
    start: str
    best: str
    scale: float | None
    gain: float
    link: str

    def number(self, coloring: Coloring, objective: str) -> float:
        """Return what it is colored by; NaN if there is nothing."""
        if coloring == "scale":
            return math.nan if self.scale is None else self.scale
        return float(in_unit(objective, np.array([self.gain]))[0])


def task_map_figure(
    places: TaskMap, tasks: Sequence[MappedTask], objective: str, coloring: Coloring
) -> go.Figure:
    """Return the tasks at their places: a symbol for each start, a color for the scale or the gain.

    What has no such number is hollow. The first of a point's custom data is the address of its
    page.

    Args:
        places: of the tasks.
        tasks: those to show.
        objective: what their best setting is best for.
        coloring: what the color says.
    """
    figure = go.Figure()
    numbers = {each.task: each.number(coloring, objective) for each in tasks}
    finite = [number for number in numbers.values() if math.isfinite(number)]
    position = float
    if finite:
        axis, position = _color_axis(finite, objective, coloring)
        figure.update_layout(coloraxis=axis)
    for start, symbol in _SYMBOLS.items():
        of_start = [each for each in tasks if each.start == start]
        known = [each for each in of_start if math.isfinite(numbers[each.task])]
        hollow = [each for each in of_start if each not in known]
        color = [position(numbers[each.task]) for each in known]
        marker = {"symbol": symbol, "color": color, "coloraxis": "coloraxis", "line": _EDGE}
        if known:
            figure.add_trace(_points(places, known, objective, marker))
        if hollow:
            marker = {**_HOLLOW, "symbol": f"{symbol}-open"}
            figure.add_trace(_points(places, hollow, objective, marker))
        if of_start:
            figure.add_trace(_key(start, {"symbol": symbol, "color": style.EDGE}))
    if len(finite) < len(tasks):
        nothing = "plain softmax is best" if coloring == "scale" else "gain not known"
        figure.add_trace(_key(f"hollow: {nothing}", {**_HOLLOW, "symbol": "circle-open"}))
    x, y = places.axes
    style.finish(figure, "map of tasks", "")
    figure.update_xaxes(title_text=_title(1, x))
    figure.update_yaxes(title_text=_title(2, y))
    figure.update_layout(legend={"y": 1.02, "yanchor": "bottom"}, margin={"l": 48, "b": 44})
    return figure


def _points(
    places: TaskMap, tasks: Sequence[MappedTask], objective: str, marker: dict[str, Any]
) -> go.Scatter:
    x, y = zip(*(places.places[each.task] for each in tasks), strict=True)
    return go.Scatter(
        x=style.small(x),
        y=style.small(y),
        mode="markers",
        showlegend=False,
        marker={"size": _SIZE, **marker},
        customdata=[
            [each.link, style.escape(each.task), *_words(each, objective)] for each in tasks
        ],
        hovertemplate="<b>%{customdata[1]}</b><br>%{customdata[2]}<br>%{customdata[3]}<extra></extra>",
    )


def _key(name: str, marker: dict[str, Any]) -> go.Scatter:
    """Return an entry of the legend, in a color that stands for none."""
    return go.Scatter(
        x=[None], y=[None], mode="markers", name=name, marker={"size": _SIZE, **marker}
    )


def _words(task: MappedTask, objective: str) -> tuple[str, str]:
    if math.isnan(task.gain):
        return style.escape(task.best), "gain not known"
    return style.escape(task.best), f"{shown(objective, task.gain)} over plain softmax"


def _color_axis(numbers: Sequence[float], objective: str, coloring: Coloring) -> Any:
    """Return the color axis, and what gives a number's position on it.

    Without the darkest colors, which on a dark page are no color.
    """
    bright = {"colorscale": sample_colorscale(style.SEQUENTIAL, np.linspace(0.25, 1, 10))}
    if coloring == "scale":
        axis = ParameterAxis.over("scale", numbers)
        ends = (axis.position(axis.low), axis.position(axis.high))
        return style.color_axis("best scale", *ends, axis.colorbar()) | bright, axis.position
    # A few tasks far from all others would leave these one color.
    low, high = np.quantile(numbers, (0.05, 0.95))
    return style.color_axis(f"gain ({unit_of_gains(objective)})", low, high, {}) | bright, float


def _title(number: int, axis: MapAxis) -> str:
    return f"component {number}: {axis.share:.0%} of the differences"
