"""Learning curves: a few trials and the controls, epoch by epoch."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweeper.report.figures import style
from sweeper.report.figures.axes import Measure, label, log_ticks
from sweeper.report.figures.rows import FigureRows
from sweeper.study.study_file import StudySpec

_BEST = (("best", style.BEST), ("second", "#0072b2"), ("third", "#56b4e9"))
_OTHERS = (("middle", "solid"), ("worst", "dot"))

#: The quantities drawn over the epochs, each with its factor and axis title.
_PANELS = (
    ("accuracy", 100.0, "validation accuracy (%)"),
    ("train_loss", 1.0, "training loss (rises with scale)"),
)


@dataclass(frozen=True)
class _Line:
    """A trial or control to draw; `rank` is its position in the legend."""

    row: pd.Series
    name: str
    look: dict[str, Any]
    rank: int


def curves_figure(curves: pd.DataFrame, table: pd.DataFrame, spec: StudySpec) -> go.Figure:
    """Return validation accuracy and training loss over epochs: means and bands over the seeds.

    It shows the best trials by the first objective, the controls, and faintly the median and the
    worst trial. The bands are one standard deviation to either side. A band that is not positive is
    not drawn on the loss's logarithmic axis.

    Args:
        curves: from `sweeper.store.results.frames.curve_table`.
        table: from `sweeper.store.results.frames.trial_table`.
        spec: the study.
    """
    measure = Measure.of(spec, spec.objectives[0])
    title = f"{spec.name}: learning curves"
    lines = _lines(FigureRows.of(table, measure), measure, spec)
    if not lines or curves.empty:
        return style.empty(title)
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.09)
    losses = []
    for line in reversed(lines):  # the best are drawn last, above the others
        curve = _curve(curves, line.row)
        losses.append(curve["train_loss"])
        for column, (what, factor, _) in enumerate(_PANELS, start=1):
            _add_line(figure, column, curve.assign(shown=factor * curve[what]), line)
    figure.update_xaxes(title_text="epoch", tick0=0, dtick=math.ceil(spec.epochs / 10))
    for column, (_, _, axis) in enumerate(_PANELS, start=1):
        figure.update_yaxes(title_text=axis, row=1, col=column)
    figure.update_yaxes(_log_axis(pd.concat(losses)), row=1, col=2)
    seeds = f"mean ± standard deviation of {spec.seeds} seeds" if spec.seeds > 1 else "one seed"
    return style.finish(figure, title, f"{seeds} · ranked by {measure.name}")


def _lines(rows: FigureRows, measure: Measure, spec: StudySpec) -> list[_Line]:
    """Return the lines to draw, in the legend's order."""
    ranked = [row for _, row in rows.best(measure, len(rows.complete)).iterrows()]
    lines = [
        (row, f"{word}, {label(row, spec)}", {"color": color, "width": 2})
        for row, (word, color) in zip(ranked, _BEST, strict=False)
    ]
    lines += [
        (row, label(row, spec), look)
        for look, (_, row) in zip(style.control_lines(), rows.controls.iterrows(), strict=False)
    ]
    rest = ranked[len(_BEST) :]
    others = [rest[len(rest) // 2], rest[-1]] if len(rest) > 1 else []
    lines += [
        (row, f"{word}, {label(row, spec)}", {"color": style.EDGE, "width": 1.5, "dash": dash})
        for row, (word, dash) in zip(others, _OTHERS, strict=False)
    ]
    return [_Line(*parts, rank) for rank, parts in enumerate(lines, start=1)]


def _curve(curves: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    key = "control" if pd.isna(row["number"]) else "number"
    curve: pd.DataFrame = curves[curves[key] == row[key]]
    return curve


def _add_line(figure: go.Figure, column: int, curve: pd.DataFrame, line: _Line) -> None:
    over = curve.groupby("epoch")["shown"].agg(["mean", "std"])
    low, high = over["mean"] - over["std"], over["mean"] + over["std"]
    if column == 2:
        low = low.where(low > 0)
    color = str(line.look["color"])
    figure.add_trace(style.band(over.index, low, high, color, line.name), row=1, col=column)
    figure.add_trace(
        go.Scatter(
            x=over.index.tolist(),
            y=style.small(over["mean"]),
            mode="lines+markers" if len(over) <= 20 else "lines",
            line=line.look,
            marker={"size": 4},
            name=style.escape(line.name),
            legendgroup=line.name,
            legendrank=line.rank,
            showlegend=column == 1,
            hovertemplate=f"{style.escape(line.name)}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
        ),
        row=1,
        col=column,
    )


def _log_axis(values: pd.Series) -> dict[str, Any]:
    """Return a logarithmic axis with round ticks, or a linear one if a loss reached 0."""
    finite = values[np.isfinite(values)]
    if finite.empty or finite.min() <= 0:
        return {}
    ticks = log_ticks(finite.min() / 2, finite.max() * 2)
    return {"type": "log", "tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks]}
