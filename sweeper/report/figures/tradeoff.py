"""Trade-offs: complete trials over two objectives, and the Pareto front."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweeper.report.figures import style
from sweeper.report.figures.axes import Measure, ParameterAxis, label
from sweeper.report.figures.rows import FigureRows, thinned
from sweeper.study.study_file import StudySpec


def tradeoff_figure(table: pd.DataFrame, spec: StudySpec) -> go.Figure:
    """Return a panel for each pair of objectives: complete trials, with the Pareto front ringed.

    Controls are diamonds. The front and the controls have error bars of one standard deviation over
    seeds. The color is the scale if the study searches it.

    Args:
        table: from `sweeper.store.results.frames.trial_table`.
        spec: a study with at least two objectives.
    """
    measures = [Measure.of(spec, name) for name in spec.objectives]
    title = f"{spec.name}: {' against '.join(spec.objectives)}"
    sorted_rows = [FigureRows.of(table, measure) for measure in measures]
    rows = sorted_rows[0]
    if rows.complete.empty:
        return style.empty(title)
    trials, controls = (
        _merged([getattr(one, kind) for one in sorted_rows], measures)
        for kind in ("complete", "controls")
    )
    front = trials[_on_front(trials, measures)]
    scale = next((axis for axis in ParameterAxis.searched(spec) if axis.name == "scale"), None)
    pairs = list(combinations(measures, 2))
    figure = make_subplots(rows=1, cols=len(pairs), horizontal_spacing=0.1)
    for column, (x, y) in enumerate(pairs, start=1):
        traces = [
            _trials(thinned(trials, x), x, y, scale),
            _front(front, x, y, joined=len(measures) == 2),
            *_controls(controls, x, y, spec),
        ]
        for trace in traces:
            if column > 1:
                trace.showlegend = False
            figure.add_trace(trace, row=1, col=column)
        for update, measure in ((figure.update_xaxes, x), (figure.update_yaxes, y)):
            window = measure.window(trials[measure.objective], controls[measure.objective].tolist())
            update(title_text=measure.title, range=list(window), row=1, col=column)
    if scale is not None:
        bar = scale.colorbar()
        figure.update_layout(coloraxis=style.color_axis("scale", *scale.range(), bar))
    return style.finish(figure, title, rows.summary(spec.seeds))


def _merged(frames: list[pd.DataFrame], measures: list[Measure]) -> pd.DataFrame:
    """Return the rows with each objective and its spread in the units of the axes."""
    rows = frames[0].copy()
    for frame, measure in zip(frames, measures, strict=True):
        rows[measure.objective] = frame["value"]
        rows[f"{measure.objective}_std"] = frame["spread"]
    return rows


def _on_front(rows: pd.DataFrame, measures: list[Measure]) -> np.ndarray:
    """Return which rows no other dominates (at least as good in all objectives, better in one)."""
    costs = np.stack([m.cost(rows[m.objective]).to_numpy() for m in measures], axis=1)
    dominated = [((costs <= one).all(axis=1) & (costs < one).any(axis=1)).any() for one in costs]
    return ~np.array(dominated)


def _trials(rows: pd.DataFrame, x: Measure, y: Measure, scale: ParameterAxis | None) -> go.Scatter:
    marker: dict[str, Any] = {**style.DOT, "color": style.DISTINCT[0]}
    if scale is not None:
        marker |= {
            "color": style.small(rows["scale"].map(scale.position)),
            "coloraxis": "coloraxis",
        }
    return go.Scatter(
        x=style.small(rows[x.objective]),
        y=style.small(rows[y.objective]),
        mode="markers",
        marker=marker,
        name="trials",
        showlegend=False,
        customdata=style.small(rows[["number", "m1", "m2", "m3", "scale"]].astype(float)),
        hovertemplate="trial %{customdata[0]:.0f}<br>m1 %{customdata[1]:.4g}, m2 "
        "%{customdata[2]:.4g}, m3 %{customdata[3]:.4g}, scale %{customdata[4]:.4g}<br>"
        f"{x.objective} %{{x:.4g}}{x.unit}<br>{y.objective} %{{y:.4g}}{y.unit}<extra></extra>",
    )


def _front(rows: pd.DataFrame, x: Measure, y: Measure, joined: bool) -> go.Scatter:
    """Return the rings of the front, joined by a line if there are two objectives."""
    rows = rows.sort_values(x.objective)
    return go.Scatter(
        x=style.small(rows[x.objective]),
        y=style.small(rows[y.objective]),
        **_bars(rows, x, y, style.BAR),
        mode="lines+markers" if joined else "markers",
        line={"color": style.BEST, "width": 1, "dash": "dot"},
        marker=style.ring(12),
        name=f"Pareto front ({len(rows)})",
        hoverinfo="skip",
    )


def _controls(rows: pd.DataFrame, x: Measure, y: Measure, spec: StudySpec) -> list[go.Scatter]:
    return [
        go.Scatter(
            x=style.small([row[x.objective]]),
            y=style.small([row[y.objective]]),
            **_bars(row.to_frame().T, x, y, line["color"]),
            mode="markers",
            marker={"symbol": "diamond", "size": 11, "color": line["color"]},
            name=style.escape(label(row, spec)),
        )
        for line, (_, row) in zip(style.control_lines(), rows.iterrows(), strict=False)
    ]


def _bars(rows: pd.DataFrame, x: Measure, y: Measure, color: str) -> dict[str, Any]:
    bars = {}
    for direction, measure in (("error_x", x), ("error_y", y)):
        spread = rows[f"{measure.objective}_std"].astype(float)
        if spread.notna().any():
            look = {"color": color, "thickness": 1, "width": 0}
            bars[direction] = {"array": style.small(spread), **look}
    return bars
