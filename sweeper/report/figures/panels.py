"""The contents of a figure's panels: trials, trials off the axis, and reference lines."""

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sweeper.report.figures import style
from sweeper.report.figures.axes import Measure, ParameterAxis, has, setting_text
from sweeper.report.figures.rows import FigureRows, thinned

#: With more trials, only the best get an error bar: more bars would be unreadable.
MOST_BARS = 150


class Panels:
    """Panels side by side, one per hyperparameter, that share the axis of an objective."""

    def __init__(
        self,
        figure: go.Figure,
        measure: Measure,
        rows: FigureRows,
        axes: list[ParameterAxis],
    ) -> None:
        self.figure, self.measure, self.rows, self.axes = figure, measure, rows, axes
        best = measure.cost(rows.complete["value"]).nsmallest(1).index
        barred = (rows.controls, rows.complete.loc[best])  # whose bars are to be seen whole
        known = [
            bound
            for each in barred
            for value, spread in zip(each["value"], each["spread"], strict=True)
            for bound in _around(value, spread)
        ]
        self.window = measure.window(rows.complete["value"], known)
        for column, axis in enumerate(axes, start=1):
            figure.update_xaxes(axis.layout(), row=1, col=column)
            figure.update_yaxes(range=list(self.window), row=1, col=column)
            if column > 1:
                figure.update_yaxes(matches="y", showticklabels=False, row=1, col=column)
        figure.update_yaxes(title_text=measure.title, row=1, col=1)

    def is_inside(self, rows: pd.DataFrame) -> pd.Series:
        """Return which rows have values within the axis."""
        return rows["value"].between(*self.window)

    def add(self, trace: go.Scatter, column: int) -> None:
        """Add a trace to one panel."""
        self.figure.add_trace(trace, row=1, col=column)

    def add_trials(
        self, rows: pd.DataFrame, column: int, marker: dict[str, Any], name: str = "trials"
    ) -> None:
        """Draw trials with their spread. The marker's `color` may be a column of `rows`."""
        axis = self.axes[column - 1]
        rows = thinned(rows[self.is_inside(rows)], self.measure)
        if len(rows) > MOST_BARS:
            marker = {**marker, "size": 5}
        if marker["color"] in rows:
            marker = {**marker, "color": style.small(rows[marker["color"]])}
        self.add(
            go.Scatter(
                x=style.small(rows[axis.name]),
                y=style.small(rows["value"]),
                error_y=_bars(rows, self.measure),
                mode="markers",
                marker=marker,
                name=name,
                legendgroup=name,
                showlegend=False,
                **self._hover(rows, axis),
            ),
            column,
        )

    def add_off_scale(self, rows: pd.DataFrame, column: int) -> None:
        """Mark the trials beyond the axis at its edge."""
        axis = self.axes[column - 1]
        outside = rows[~self.is_inside(rows)]
        if outside.empty:
            return
        rows = thinned(outside, self.measure)
        low, high = self.window
        below = rows["value"] < low
        room = 0.015 * (high - low)
        worse = "below" if self.measure.maximize else "above"
        self.add(
            go.Scatter(
                x=style.small(rows[axis.name]),
                y=style.small(np.where(below, low + room, high - room)),
                mode="markers",
                marker={
                    "symbol": np.where(below, "triangle-down", "triangle-up").tolist(),
                    "size": 7,
                    "color": style.FAINT,
                },
                name=f"{worse} the axis ({len(outside):,})",
                legendgroup="off",
                legendrank=4,
                showlegend=column == 1,
                **self._hover(rows, axis),
            ),
            column,
        )

    def add_reference(self, column: int, row: pd.Series, name: str, line: dict[str, Any]) -> None:
        """Draw a line across the panel at a row's value, with a band for its spread."""
        edges = self.axes[column - 1].edges()
        low, high = row["value"] - row["spread"], row["value"] + row["spread"]
        self.add(style.band(edges, (low, low), (high, high), line["color"], name), column)
        hidden = "" if self.window[0] <= row["value"] <= self.window[1] else ", off the axis"
        self.add(
            go.Scatter(
                x=style.small(edges),
                y=style.small([row["value"]] * 2),
                mode="lines",
                line=line,
                name=style.escape(f"{name}: {self.measure.text_in_full(row)}{hidden}"),
                legendgroup=name,
                legendrank=2,
                showlegend=column == 1,
                hovertemplate=f"{style.escape(setting_text(row))}<br>"
                f"{self.measure.text_in_full(row)}<extra></extra>",
            ),
            column,
        )

    def add_pruned(self, column: int) -> None:
        """Draw pruned trials faintly, with their value at the epoch after which they stopped."""
        axis = self.axes[column - 1]
        rows = thinned(self.rows.pruned[self.is_inside(self.rows.pruned)], self.measure)
        if self.rows.pruned.empty:
            return
        hidden = len(self.rows.pruned) - int(self.is_inside(self.rows.pruned).sum())
        self.add(
            go.Scatter(
                x=style.small(rows[axis.name]),
                y=style.small(rows["value"]),
                mode="markers",
                marker={"symbol": "x-thin", "size": 6, "line": {"color": style.FAINT, "width": 1}},
                name="pruned, last value" + (f" ({hidden} off the axis)" if hidden else ""),
                legendgroup="pruned",
                legendrank=3,
                showlegend=column == 1,
                customdata=style.small(rows[["number", "epochs"]].astype(float)),
                hovertemplate="trial %{customdata[0]:.0f}, pruned after epoch "
                f"%{{customdata[1]:.0f}}<br>{axis.name} %{{x:.4g}}<br>%{{y:.4g}}"
                f"{self.measure.unit}<extra></extra>",
            ),
            column,
        )

    def _hover(self, rows: pd.DataFrame, axis: ParameterAxis) -> dict[str, Any]:
        """Return the hover text: the trial, its hyperparameters and its value."""
        shown = [axis for axis in self.axes if has(rows, axis.name).all()]
        columns = ["number", "value", "spread", *(a.name for a in shown)]
        lines = [f"{a.name} %{{customdata[{i}]:.4g}}" for i, a in enumerate(shown, start=3)]
        unit = self.measure.unit
        balanced = [self.measure.beside(row) for _, row in rows.iterrows()]
        return {
            "customdata": style.small(rows[columns].astype(float)),
            "hovertemplate": "trial %{customdata[0]:.0f}<br>" + "<br>".join(lines) + "<br>"
            f"%{{customdata[1]:.4g}} ± %{{customdata[2]:.2g}}{unit}%{{text}}<extra></extra>",
            "text": [f"<br>balanced {text}" if text else "" for text in balanced],
        }


def _around(value: float, spread: float) -> tuple[float, ...]:
    if not math.isfinite(value):
        return ()
    return (value,) if math.isnan(spread) else (value - spread, value + spread)


def _bars(rows: pd.DataFrame, measure: Measure) -> dict[str, Any] | None:
    if not np.isfinite(rows["spread"]).any():
        return None
    spread = rows["spread"]
    if len(rows) > MOST_BARS:
        best = measure.cost(rows["value"]).sort_values(kind="stable").index[:MOST_BARS]
        spread = spread.where(spread.index.isin(best))
    return {
        "array": style.small(spread),
        "color": style.BAR,
        "thickness": 0.9,
        "width": 0,
    }
