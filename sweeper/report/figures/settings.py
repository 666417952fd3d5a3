"""The response of an experiment: an objective over the varied hyperparameters, by loss."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweeper.registry.names import all_hyperparameters
from sweeper.report.figures import style
from sweeper.report.figures.axes import (
    Measure,
    ParameterAxis,
    has,
    setting_text,
)
from sweeper.report.figures.panels import Panels
from sweeper.report.figures.rows import FigureRows
from sweeper.study.study_file import StudySpec


def settings_figure(rows: FigureRows, spec: StudySpec, measure: Measure, title: str) -> go.Figure:
    """Return a panel for each hyperparameter that varies, or a row for each setting if none does.

    Points are settings with error bars of one standard deviation over seeds. The line of a loss
    connects the means at each value. A loss without the panel's hyperparameter is a line with a
    band if it has exactly one setting.
    """
    names = _varying(rows.complete)
    if not names:
        return _one_by_one(rows, spec, measure, title)
    axes = [ParameterAxis.over(name, _with(rows.complete, name)[name]) for name in names]
    figure = make_subplots(rows=1, cols=len(axes), horizontal_spacing=0.03)
    panels = Panels(figure, measure, rows, axes)
    for column, axis in enumerate(axes, start=1):
        for place, (loss, settings) in enumerate(rows.complete.groupby("losses", sort=False)):
            color = style.DISTINCT[place % len(style.DISTINCT)]
            if has(settings, axis.name).all():
                symbol = style.SYMBOLS[place % len(style.SYMBOLS)]
                _add_loss(panels, column, settings, color, symbol, str(loss))
            elif len(settings) == 1:
                row = settings.iloc[0]
                name = setting_text(row)
                panels.add_reference(
                    column, row, name, {"color": color, "dash": "dash", "width": 2}
                )
        panels.add_off_scale(_with(rows.complete, axis.name), column)
    return style.finish(figure, title, rows.summary(spec.seeds))


def _with(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows that have a hyperparameter."""
    return rows[has(rows, name)]


def _varying(rows: pd.DataFrame) -> list[str]:
    names = [name for name in all_hyperparameters() if name in rows]
    return [name for name in names if _with(rows, name)[name].nunique() > 1]


def _add_loss(
    panels: Panels, column: int, settings: pd.DataFrame, color: str, symbol: str, loss: str
) -> None:
    name = panels.axes[column - 1].name
    shown = settings[panels.is_inside(settings)]
    means = shown.groupby(name)["value"].mean()
    first = not any(trace.legendgroup == loss for trace in panels.figure.data)
    panels.add(
        go.Scatter(
            x=style.small(means.index),
            y=style.small(means),
            mode="lines+markers" if len(means) > 1 else "markers",
            line={"color": color, "width": 1.5},
            marker={"color": color, "symbol": symbol, "size": 6},
            name=loss,
            legendgroup=loss,
            showlegend=first,
            hoverinfo="skip",
        ),
        column,
    )
    faint = style.with_opacity(color, 0.75)
    marker: dict[str, Any] = {"color": faint, "symbol": symbol, "size": 6}
    panels.add_trials(settings, column, marker, loss)


def _one_by_one(rows: FigureRows, spec: StudySpec, measure: Measure, title: str) -> go.Figure:
    """Return one row per setting, each with its error bar."""
    settings = rows.complete.iloc[::-1]  # plotly counts upwards
    figure = go.Figure(
        go.Scatter(
            x=style.small(settings["value"]),
            y=[style.escape(setting_text(row)) for _, row in settings.iterrows()],
            error_x={"array": style.small(settings["spread"]), "color": style.INK, "thickness": 1}
            if settings["spread"].notna().any()
            else None,
            mode="markers",
            marker={"size": 9, "color": style.DISTINCT[0]},
            showlegend=False,
            hovertemplate="%{y}<br>%{x:.4g}" + measure.unit + "<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=measure.title)
    figure.update_yaxes(automargin=True)
    return style.finish(figure, title, rows.summary(spec.seeds))
