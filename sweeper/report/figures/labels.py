"""Labels to the right of a figure's panels, each with a tick at its value."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from scipy.optimize import isotonic_regression

from sweeper.report.figures import style
from sweeper.repository.surrogates.coordinates import FloatArray

#: Minimum distance of labels, as a share of the axis: a line of text in a figure 400 pixels high,
#: whose axis has about 270. More would draw the labels away from their values.
_GAP = 0.05


def add_labels(
    figure: go.Figure, column: int, values: Mapping[str, float], window: tuple[float, float]
) -> None:
    """Fill a column next to the panels with ticks and labels at values of their axis.

    Values beyond the axis are placed at its end with an arrow.

    Args:
        figure: with an empty panel in the column.
        column: counted from 1.
        values: values on the panels' axis by label; at least one.
        window: the ends of that axis.
    """
    low, high = window
    numbers = np.array(list(values.values()))
    room = _GAP * (high - low) / 2
    positions = spread(numbers, 2 * room, low + room, high - room)
    lines_x, lines_y = [], []
    for value, position in zip(np.clip(numbers, low, high), positions, strict=True):
        lines_x += [0.02, 0.05, 0.12, None]
        lines_y += [value, value, position, None]
    arrows = ["↓ " if value < low else "↑ " if value > high else "" for value in numbers]
    texts = [style.escape(arrow + name) for arrow, name in zip(arrows, values, strict=True)]
    for trace in (
        go.Scatter(
            x=lines_x,
            y=lines_y,
            mode="lines+markers",
            line={"color": style.EDGE, "width": 1},
            marker={"color": style.INK, "size": [5, 0, 0, 0] * len(numbers), "line": {"width": 0}},
        ),
        go.Scatter(
            x=[0.14] * len(texts),
            y=positions,
            mode="text",
            text=texts,
            textposition="middle right",
            textfont={"size": 11},
            cliponaxis=False,
        ),
    ):
        figure.add_trace(
            trace.update(name="baselines", showlegend=False, hoverinfo="skip"), row=1, col=column
        )
    figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True, row=1, col=column)
    figure.update_yaxes(matches="y", visible=False, range=list(window), row=1, col=column)


def spread(values: FloatArray, gap: float, low: float, high: float) -> FloatArray:
    """Return positions near values, in the same order and at least `gap` apart.

    They minimize the sum of squared distances and lie between `low` and `high` if there is room.
    """
    order = values.argsort(kind="stable")
    steps = gap * np.arange(len(values))
    free = isotonic_regression(values[order] - steps).x
    positions = np.empty(len(values))
    positions[order] = free.clip(low, max(low, high - steps[-1])) + steps
    return positions
