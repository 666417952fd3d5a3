"""The response: an objective over each hyperparameter that was searched, or that settings vary."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweeper.report.figures import style
from sweeper.report.figures.axes import Measure, ParameterAxis, label
from sweeper.report.figures.panels import Panels
from sweeper.report.figures.rows import Rows, thinned
from sweeper.report.figures.settings import settings_figure
from sweeper.search.study_file import StudySpec

_DOT = {"size": 7, "line": {"width": 0.5, "color": "white"}}


def response_figure(
    table: pd.DataFrame, spec: StudySpec, objective: str | None = None
) -> go.Figure:
    """Return what margin and scale did to an objective.

    A search has a panel for each searched hyperparameter, and the mean of each complete trial with
    bars of one standard deviation over its seeds. Colour is the scale, and in the scale's own panel
    the first margin. Where just two are searched there is a map of both, too, and colour is the
    objective everywhere. Controls are lines with a band of their spread. Trials far below the
    others stand at the edge of the axis. An experiment has a panel for each hyperparameter that its
    settings vary, and a colour for each loss.

    Args:
        table: what `sweeper.store.frames.trial_table` returns.
        spec: the study.
        objective: one of the study's, unless given the first.
    """
    measure = Measure.of(spec, objective or spec.objectives[0])
    rows = Rows.of(table, measure)
    title = f"{spec.name}: {measure.name}"
    if rows.complete.empty and rows.controls.empty:
        return style.empty(title)
    if spec.kind == "experiment":
        return settings_figure(rows, spec, measure, title)
    axes = ParameterAxis.searched(spec)
    is_map = len(axes) == 2
    figure = make_subplots(rows=1, cols=len(axes) + is_map, horizontal_spacing=_spacing(is_map))
    panels = Panels(figure, measure, rows, axes)
    colours = _colours(axes)
    for column, axis in enumerate(axes, start=1):
        _controls(panels, column)
        panels.add_pruned(column)
        panels.add_off_scale(column)
        other = colours[axis.name]
        marker: dict[str, object] = {**_DOT, "color": "value", "coloraxis": "coloraxis"}
        if not is_map:
            marker = {**_DOT, "color": style.DISTINCT[0]}
            if other is not None:
                place = rows.complete[other.name].map(other.place)
                rows.complete["place"] = place
                marker |= {"color": "place", "coloraxis": _COLOURS[other.name == axes[-1].name]}
        panels.add_trials(rows.complete, column, marker)
        _best(panels, column)
    return style.finish(figure, title, rows.told(spec.seeds))
