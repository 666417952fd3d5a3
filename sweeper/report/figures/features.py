"""Embeddings of two dimensions in the plane, and of three on the sphere that can be turned."""

import math
from collections.abc import Mapping
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweeper.report.figures import style
from sweeper.repository.surrogates.coordinates import FloatArray

#: Panels of a row.
_COLUMNS = 3
#: Of the lengths of the embeddings, the quantile that a direction is drawn to.
_LONGEST = 0.9
#: In three dimensions there are these alone.
_SYMBOLS_3D = ("circle", "square", "diamond", "cross", "x", "circle-open")
#: How far beyond the sphere a direction is drawn, and how far its name stands.
_BEYOND, _NAME = 1.12, 1.24
#: The radius of the ball that is drawn in the unit sphere.
_INSIDE = 0.98

_Looks = dict[str, tuple[str, int]]


def circle_figure(
    table: pd.DataFrame, titles: Mapping[str, str], name: str, measured: str
) -> go.Figure:
    """Return embeddings of two dimensions: before training, and after it a panel for each setting.

    Lines from the origin have the directions of the class weights, or of the class means where a
    loss has no weights.

    Args:
        table: the points, see `sweeper.report.page.features.Features`.
        titles: of each setting's panel.
        name: of the study.
        measured: which samples.
    """
    panels = {"": "before training, the same for all", **titles}
    figure, places = _panels(panels, {"type": "xy"})
    looks = _looks(table)
    for number, (setting, (row, column)) in enumerate(zip(panels, places, strict=True), start=1):
        own = table[table["setting"] == setting]
        points = own[own["sample"].notna()]
        rays = own[own["sample"].isna()]
        length = float(np.quantile(np.hypot(points["x"], points["y"]), _LONGEST))
        for of, (color, shape) in looks.items():
            at = points[points["class"] == of]
            figure.add_scatter(
                x=style.small(at["x"]),
                y=style.small(at["y"]),
                mode="markers",
                marker={
                    "color": color,
                    "symbol": style.SYMBOLS[shape],
                    "size": 5,
                    "opacity": 0.6,
                },
                **_named(of, number == 1),
                **_hover(of, at),
                row=row,
                col=column,
            )
            for x, y in _unit(rays.loc[rays["class"] == of, ["x", "y"]].to_numpy(float)):
                figure.add_scatter(
                    x=style.small([0.0, length * x]),
                    y=style.small([0.0, length * y]),
                    mode="lines+text",
                    line={"color": color, "width": 2},
                    text=["", style.escape(of)],
                    textposition=_outward(x, y),
                    textfont={"size": 10, "color": style.INK},
                    cliponaxis=False,
                    **_named(of, False),
                    hoverinfo="skip",
                    row=row,
                    col=column,
                )
        axis = "x" if number == 1 else f"x{number}"
        figure.update_yaxes(scaleanchor=axis, row=row, col=column)
    _finish(figure, name, f"{measured}; lines: {_what(table)}", 60 + 400 * places[-1][0])
    figure.update_xaxes(constrain="domain", nticks=6)
    figure.update_yaxes(constrain="domain", nticks=6)
    return figure


def sphere_figure(
    table: pd.DataFrame, titles: Mapping[str, str], name: str, measured: str
) -> go.Figure:
    """Return embeddings of three dimensions at unit length, on a sphere for each setting.

    Lines beyond the sphere have the directions of the class weights, as in `circle_figure`. What
    lies before the training is left out: all of it is in one place of the sphere.

    Args:
        table: the points, see `sweeper.report.page.features.Features`.
        titles: of each setting's sphere.
        name: of the study.
        measured: which samples.
    """
    figure, places = _panels(titles, {"type": "scene"})
    looks = _looks(table)
    for number, (setting, (row, column)) in enumerate(zip(titles, places, strict=True), start=1):
        own = table[table["setting"] == setting]
        figure.add_trace(_sphere(), row=row, col=column)
        points, rays = own[own["sample"].notna()], own[own["sample"].isna()]
        for of, (color, shape) in looks.items():
            at = points[points["class"] == of]
            x, y, z = _unit(at[["x", "y", "z"]].to_numpy(float)).T
            figure.add_scatter3d(
                x=style.small(x),
                y=style.small(y),
                z=style.small(z),
                mode="markers",
                marker={"color": color, "symbol": _SYMBOLS_3D[shape], "size": 2.5},
                **_named(of, number == 1),
                **_hover(of, at),
                row=row,
                col=column,
            )
            for direction in _unit(rays.loc[rays["class"] == of, ["x", "y", "z"]].to_numpy(float)):
                x, y, z = np.outer(direction, [1.0, _BEYOND, _NAME])
                figure.add_scatter3d(
                    x=style.small(x),
                    y=style.small(y),
                    z=style.small(z),
                    mode="lines+text",
                    line={"color": [color, color, "rgba(0, 0, 0, 0)"], "width": 5},
                    text=["", "", style.escape(of)],
                    textposition="middle center",
                    textfont={"size": 11, "color": style.INK},
                    **_named(of, False),
                    hoverinfo="skip",
                    row=row,
                    col=column,
                )
    subtitle = (
        f"{measured}, at unit length; lines: {_what(table)}; a sphere is turned by dragging it"
    )
    _finish(figure, name, subtitle, 60 + 460 * places[-1][0])
    hidden = {"visible": False, "range": [-1.3, 1.3]}
    figure.update_scenes(
        {"xaxis": hidden, "yaxis": hidden, "zaxis": hidden, "aspectmode": "cube"},
        camera={"eye": {"x": 0.98, "y": 0.98, "z": 0.62}},
    )
    return figure


def _panels(
    titles: Mapping[str, str], kind: dict[str, str]
) -> tuple[go.Figure, list[tuple[int, int]]]:
    """Return a figure with a panel for each title, and the row and column of each."""
    columns = min(_COLUMNS, len(titles))
    rows = -(-len(titles) // columns)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        specs=[[kind] * columns for _ in range(rows)],
        subplot_titles=[style.escape(each) for each in titles.values()],
        horizontal_spacing=0.05,
        vertical_spacing=0.16 / rows,
    )
    figure.update_annotations(font_size=11)
    return figure, [(i // columns + 1, i % columns + 1) for i in range(len(titles))]


def _finish(figure: go.Figure, name: str, subtitle: str, height: int) -> None:
    style.finish(figure, f"{name}: embeddings", subtitle)
    figure.update_layout(height=height, legend={"y": -0.08, "itemsizing": "constant"})


def _looks(table: pd.DataFrame) -> _Looks:
    """Return the color of each class and the number of its symbol; no two have both alike."""
    classes = dict.fromkeys(table.loc[table["sample"].isna(), "class"])
    colors = len(style.DISTINCT)
    return {
        str(of): (color, (i + i // colors) % len(style.SYMBOLS))
        for i, (of, color) in enumerate(zip(classes, cycle(style.DISTINCT), strict=False))
    }


def _named(of: str, is_first: bool) -> dict[str, Any]:
    """Return what makes the traces of a class one entry of the legend."""
    return {"name": style.escape(of), "legendgroup": of, "showlegend": is_first}


def _hover(of: str, points: pd.DataFrame) -> dict[str, Any]:
    """Return what is told of each point of a class."""
    predicted = "" if points["predicted"].isna().any() else "<br>predicted %{customdata[1]}"
    return {
        "customdata": points[["sample", "predicted"]].astype({"sample": int}).to_numpy(),
        "hovertemplate": f"{style.escape(of)}, sample %{{customdata[0]}}{predicted}<extra></extra>",
    }


def _what(table: pd.DataFrame) -> str:
    """Say what the lines are."""
    every = list(dict.fromkeys(table.loc[table["sample"].isna(), "what"]))
    if len(every) == 1:
        return f"directions of the {every[0]}"
    return f"directions of the {every[0]}, of a loss without any those of the {every[1]}"


def _unit(vectors: FloatArray) -> FloatArray:
    """Return vectors ``[n, d]`` at unit length."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: FloatArray = vectors / np.maximum(lengths, np.finfo(float).tiny)
    return unit


def _outward(x: float, y: float) -> str:
    """Return where a text stands at the outer end of a direction."""
    vertical = "top" if y > 0.4 else "bottom" if y < -0.4 else "middle"
    horizontal = "right" if x > 0.4 else "left" if x < -0.4 else "center"
    return f"{vertical} {horizontal}"


def _sphere() -> go.Surface:
    """Return the unit sphere, a little smaller, so that points lie on it; it hides those behind."""
    around, down = np.meshgrid(np.linspace(0, 2 * math.pi, 49), np.linspace(0, math.pi, 25))
    return go.Surface(
        x=style.small(_INSIDE * np.sin(down) * np.cos(around)),
        y=style.small(_INSIDE * np.sin(down) * np.sin(around)),
        z=style.small(_INSIDE * np.cos(down)),
        colorscale=[[0, style.GRID], [1, style.GRID]],
        showscale=False,
        hoverinfo="skip",
        lighting={"ambient": 0.85, "diffuse": 0.25, "specular": 0.0},
    )
