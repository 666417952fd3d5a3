"""The response: an objective over each hyperparameter that is searched or varied."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweeper.report.figures import style
from sweeper.report.figures.axes import Measure, ParameterAxis, label
from sweeper.report.figures.panels import Panels
from sweeper.report.figures.rows import FigureRows, thinned
from sweeper.report.figures.settings import settings_figure
from sweeper.study.study_file import StudySpec


def response_figure(
    table: pd.DataFrame, spec: StudySpec, objective: str | None = None
) -> go.Figure:
    """Return the effect of margin and scale on an objective.

    A search has a panel for each searched hyperparameter, with the mean of each complete trial and
    error bars of one standard deviation over its seeds. The color is the scale, or the first margin
    in the scale's own panel. If exactly two hyperparameters are searched, there is also a map of
    both, and the color is the objective everywhere. Controls are lines with a band for their
    spread. Trials far worse than the others are marked at the edge of the axis. An experiment has a
    panel for each hyperparameter that its settings vary, and a color for each loss.

    Args:
        table: from `sweeper.store.results.frames.trial_table`.
        spec: the study.
        objective: one of the study's; by default the first.
    """
    measure = Measure.of(spec, objective or spec.objectives[0])
    rows = FigureRows.of(table, measure)
    title = f"{spec.name}: {measure.name}"
    if rows.complete.empty and rows.controls.empty:
        return style.empty(title)
    if spec.kind == "experiment":
        return settings_figure(rows, spec, measure, title)
    axes = ParameterAxis.searched(spec)
    has_map = len(axes) == 2
    figure = make_subplots(
        rows=1, cols=len(axes) + has_map, horizontal_spacing=0.11 if has_map else 0.03
    )
    panels = Panels(figure, measure, rows, axes)
    markers = _by_value(panels) if has_map else _by_parameter(panels)
    for column, marker in enumerate(markers, start=1):
        for line, (_, row) in zip(style.control_lines(), rows.controls.iterrows(), strict=False):
            panels.add_reference(column, row, label(row, spec), line)
        panels.add_pruned(column)
        panels.add_off_scale(rows.complete, column)
        panels.add_trials(rows.complete, column, marker)
        _add_best(panels, column, spec)
    if has_map:
        _add_map(panels)
    return style.finish(figure, title, rows.summary(spec.seeds))


def _by_value(panels: Panels) -> list[dict[str, Any]]:
    """Color all panels by the objective; return the panels' markers."""
    measure = panels.measure
    low, high = measure.window(panels.rows.complete["value"], ())
    title = measure.unit.strip() or measure.objective
    axis = style.color_axis(title, low, high, {}) | {"reversescale": not measure.maximize}
    panels.figure.update_layout(coloraxis=axis)
    return [{**style.DOT, "color": "value", "coloraxis": "coloraxis"} for _ in panels.axes]


def _by_parameter(panels: Panels) -> list[dict[str, Any]]:
    """Color each panel by another hyperparameter; return the panels' markers."""
    axes = panels.axes
    if len(axes) == 1:
        return [{**style.DOT, "color": style.DISTINCT[0]}]
    main = next((axis for axis in axes if axis.name == "scale"), axes[-1])
    partner = next(axis for axis in axes if axis != main)
    for key, axis, half in (("coloraxis", main, 0.76), ("coloraxis2", partner, 0.24)):
        bar = {"len": 0.5, "y": half, **axis.colorbar()}
        low, high = axis.range()
        panels.figure.update_layout({key: style.color_axis(axis.name, low, high, bar)})
        panels.rows.complete[f"position of {axis.name}"] = panels.rows.complete[axis.name].map(
            axis.position
        )
    return [
        {**style.DOT, "color": f"position of {main.name}", "coloraxis": "coloraxis"}
        if axis != main
        else {**style.DOT, "color": f"position of {partner.name}", "coloraxis": "coloraxis2"}
        for axis in axes
    ]


def _add_best(panels: Panels, column: int, spec: StudySpec) -> None:
    """Ring the best trial and name it in the legend."""
    for _, row in panels.rows.best(panels.measure).iterrows():
        panels.add(
            go.Scatter(
                x=[row[panels.axes[column - 1].name]],
                y=[row["value"]],
                mode="markers",
                marker=style.ring(14),
                name=style.escape(f"best, {label(row, spec)}: {panels.measure.text_in_full(row)}"),
                legendgroup="best",
                legendrank=1,
                showlegend=column == 1,
                hoverinfo="skip",
            ),
            column,
        )


def _add_map(panels: Panels) -> None:
    """Draw all complete trials over both hyperparameters, colored by the objective."""
    x, y = panels.axes
    column = 3
    layout = {**y.layout(), "matches": None, "showticklabels": True}
    panels.figure.update_xaxes(x.layout(), row=1, col=column)
    panels.figure.update_yaxes(layout, row=1, col=column)
    rows = thinned(panels.rows.complete, panels.measure)
    panels.add(
        go.Scatter(
            x=style.small(rows[x.name]),
            y=style.small(rows[y.name]),
            mode="markers",
            marker={
                **style.DOT,
                "size": 11 if len(rows) < 200 else 6,
                "color": style.small(rows["value"]),
                "coloraxis": "coloraxis",
            },
            showlegend=False,
            name="map",
            customdata=style.small(rows[["number", "value", "spread"]].astype(float)),
            hovertemplate=f"trial %{{customdata[0]:.0f}}<br>{x.name} %{{x:.4g}}<br>"
            f"{y.name} %{{y:.4g}}<br>%{{customdata[1]:.4g}} ± %{{customdata[2]:.2g}}"
            f"{panels.measure.unit}<extra></extra>",
        ),
        column,
    )
    for _, row in panels.rows.best(panels.measure).iterrows():
        panels.add(
            go.Scatter(
                x=[row[x.name]],
                y=[row[y.name]],
                mode="markers",
                marker=style.ring(17),
                legendgroup="best",
                showlegend=False,
                hoverinfo="skip",
            ),
            column,
        )
