"""What all figures look like: colours, fonts, titles, lines with a band."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

INK = "#24292f"
GRID = "#e7e9ec"
BAR = "rgba(90, 98, 108, 0.35)"
FAINT = "rgba(120, 128, 138, 0.45)"
BEST = "#c2185b"
SEQUENTIAL = "Viridis"

#: Okabe and Ito's colours, which people with colour-blindness tell apart, the dark ones first.
DISTINCT = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
DASHES = ("dash", "dot", "dashdot", "longdash")

#: What says in a figure that there is nothing to draw yet.
NOTHING = "no trial is complete yet"


def finish(figure: go.Figure, title: str, subtitle: str) -> go.Figure:
    """Set title, fonts, colours and margins; the size is the page's."""
    figure.update_layout(
        template="none",
        title={
            "text": f"<b>{escape(title)}</b><br><span style='font-size:12px'>{escape(subtitle)}"
            "</span>",
            "font": {"size": 15},
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 10},
        },
        font={"family": "Helvetica, Arial, sans-serif", "size": 12, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        margin={"l": 64, "r": 16, "t": 62, "b": 50},
        legend={
            "orientation": "h",
            "x": 0,
            "y": -0.2,
            "yanchor": "top",
            "font": {"size": 11},
            "itemclick": False,
            "itemdoubleclick": False,
        },
        hovermode="closest",
    )
    axes = {"gridcolor": GRID, "zeroline": False, "linecolor": "#9aa1a9", "showline": True}
    figure.update_xaxes(**axes, ticks="outside", ticklen=4, tickcolor="#9aa1a9")
    figure.update_yaxes(**axes, ticks="outside", ticklen=4, tickcolor="#9aa1a9")
    return figure


def empty(title: str, reason: str = NOTHING) -> go.Figure:
    """Return a figure that says why there is nothing in it."""
    figure = finish(go.Figure(), title, "")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=reason, showarrow=False, font={"size": 14})
    return figure


def escape(text: str) -> str:
    """Return text that plotly shows as it stands: it takes some HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def small(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return an array that takes a few bytes a number in a figure: 7 digits are enough to look at."""
    return np.asarray(values, dtype=np.float32)


def band(
    x: Sequence[float] | np.ndarray,
    low: Sequence[float] | np.ndarray,
    high: Sequence[float] | np.ndarray,
    colour: str,
    group: str,
) -> go.Scatter:
    """Return the area between two lines; where a bound is not finite there is none."""
    x, low, high = (np.asarray(values, dtype=float) for values in (x, low, high))
    there = np.isfinite(low) & np.isfinite(high)
    return go.Scatter(
        x=small(np.concatenate([x[there], x[there][::-1]])),
        y=small(np.concatenate([high[there], low[there][::-1]])),
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=see_through(colour, 0.15),
        hoverinfo="skip",
        legendgroup=group,
        showlegend=False,
    )


def see_through(colour: str, opacity: float) -> str:
    """Return a colour ``#rrggbb`` with an opacity."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"
