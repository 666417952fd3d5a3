"""The style of all figures: colors, fonts, titles, lines with bands."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

INK = "#24292f"
GRID = "#e7e9ec"
EDGE = "#9aa1a9"
BAR = "rgba(90, 98, 108, 0.35)"
FAINT = "rgba(120, 128, 138, 0.45)"
BEST = "#c2185b"
SEQUENTIAL = "Viridis"

#: The color-blind-safe palette of Okabe and Ito, dark colors first.
DISTINCT = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")

#: Beside the colors, for print in gray.
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star")

#: A trial's marker.
DOT: dict[str, Any] = {"size": 7, "line": {"width": 0.5, "color": "white"}}

#: Pixels at the top that stay free for plotly's buttons, which would cover a long title.
_BUTTONS = 26

#: The text of a figure with nothing to draw yet.
NOTHING = "no trial is complete yet"


def finish(figure: go.Figure, title: str, subtitle: str) -> go.Figure:
    """Set title, fonts, colors and margins; the page determines the size.

    Args:
        figure: it is changed.
        title: one line.
        subtitle: a line or several.
    """
    figure.update_layout(
        template="none",
        title={
            "text": f"<b>{escape(title)}</b>",
            "font": {"size": 15},
            "subtitle": {
                "text": escape(subtitle).replace("\n", "<br>"),
                "font": {"size": 12, "color": INK},
            },
            "x": 0,
            "xref": "paper",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": _BUTTONS + 4},
        },
        font={"family": "Helvetica, Arial, sans-serif", "size": 12, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        margin={"l": 64, "r": 16, "t": _BUTTONS + 54 + 15 * subtitle.count("\n"), "b": 50},
        legend={
            "orientation": "h",
            "x": 0,
            "y": -0.17,
            "yanchor": "top",
            "font": {"size": 11},
            "itemclick": False,
            "itemdoubleclick": False,
        },
        hovermode="closest",
    )
    axes: dict[str, Any] = {
        "gridcolor": GRID,
        "zeroline": False,
        "showline": True,
        "linecolor": EDGE,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": EDGE,
        "title": {"standoff": 6, "font": {"size": 12}},
    }
    figure.update_xaxes(axes)
    figure.update_yaxes(axes)
    return figure


def empty(title: str, reason: str = NOTHING) -> go.Figure:
    """Return an empty figure with an explanation."""
    figure = finish(go.Figure(), title, "")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=reason, showarrow=False, font={"size": 14})
    return figure


def escape(text: str) -> str:
    """Escape text for plotly, which interprets some HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def small(values: ArrayLike) -> np.ndarray:
    """Return a compact array for a figure: float32 has enough digits for display."""
    return np.asarray(values, dtype=np.float32)


def control_lines() -> Iterator[dict[str, Any]]:
    """Yield line styles for the controls, the same in all figures, endlessly."""
    dashes = cycle(("dash", "dot", "dashdot", "longdash"))
    for color, dash in zip(cycle(DISTINCT[1:]), dashes, strict=False):
        yield {"color": color, "dash": dash, "width": 2}


def ring(size: int) -> dict[str, Any]:
    """Return the marker around the best trial."""
    return {"symbol": "circle-open", "size": size, "color": BEST, "line": {"width": 2}}


def color_axis(title: str, low: float, high: float, bar: dict[str, Any]) -> dict[str, Any]:
    """Return a color axis from `low` to `high`; `bar` adds to its color bar's layout."""
    return {
        "colorscale": SEQUENTIAL,
        "cmin": low,
        "cmax": high,
        "colorbar": {"title": {"text": title}, "thickness": 10, "outlinewidth": 0, **bar},
    }


def band(x: ArrayLike, low: ArrayLike, high: ArrayLike, color: str, group: str) -> go.Scatter:
    """Return the area between two lines, where both are finite."""
    x, low, high = (np.asarray(values, dtype=float) for values in (x, low, high))
    finite = np.isfinite(low) & np.isfinite(high)
    return go.Scatter(
        x=small(np.concatenate([x[finite], x[finite][::-1]])),
        y=small(np.concatenate([high[finite], low[finite][::-1]])),
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=with_opacity(color, 0.15),
        hoverinfo="skip",
        legendgroup=group,
        showlegend=False,
    )


def with_opacity(color: str, opacity: float) -> str:
    """Return a color ``#rrggbb`` with an opacity."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"
