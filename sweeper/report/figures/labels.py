"""Names at the right of a figure's panels, each with a tick at its value."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from scipy.optimize import isotonic_regression

from sweeper.report.figures import style
from sweeper.repository.surrogates.design_matrix import FloatArray

#: Names are so far apart, as a share of the axis: a line of text in a figure of about 400 pixels.
_GAP = 0.055


def add_labels(
    figure: go.Figure, column: int, values: Mapping[str, float], window: tuple[float, float]
) -> None:
    """Fill a column beside the panels with ticks on their axis and the names of what stands there.

    What is beyond the axis stands at its end with an arrow.

    Args:
        figure: has an empty panel in the column.
        column: counted from 1.
        values: on the panels' axis, by the text of the label; at least one.
        window: the ends of that axis.
    """
    low, high = window
    given = np.array(list(values.values()))
    room = _GAP * (high - low) / 2
    places = spread(given, 2 * room, low + room, high - room)
    lines_x, lines_y = [], []
    for value, place in zip(np.clip(given, low, high), places, strict=True):
        lines_x += [0.0, 0.05, 0.12, None]
        lines_y += [value, value, place, None]
    arrows = ["↓ " if value < low else "↑ " if value > high else "" for value in given]
    texts = [style.escape(arrow + name) for arrow, name in zip(arrows, values, strict=True)]
    for trace in (
        go.Scatter(x=lines_x, y=lines_y, mode="lines", line={"color": style.EDGE, "width": 1}),
        go.Scatter(
            x=[0.14] * len(texts),
            y=places,
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
    """Return the places nearest to values, in their order, that are at least `gap` apart.

    Nearest by the sum of squares. They lie from `low` to `high`, where there is room for all.
    """
    order = values.argsort(kind="stable")
    steps = gap * np.arange(len(values))
    free = isotonic_regression(values[order] - steps).x
    places = np.empty(len(values))
    places[order] = free.clip(low, max(low, high - steps[-1])) + steps
    return places
