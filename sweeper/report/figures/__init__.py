"""Figures of a study: response to hyperparameters, learning curves, trade-offs of objectives."""

import pandas as pd
import plotly.graph_objects as go

from sweeper.report.figures.curves import curves_figure
from sweeper.report.figures.response import response_figure
from sweeper.report.figures.tradeoff import tradeoff_figure
from sweeper.study.study_file import StudySpec

__all__ = ["curves_figure", "response_figure", "study_figures", "tradeoff_figure"]


def study_figures(
    table: pd.DataFrame, curves: pd.DataFrame, spec: StudySpec
) -> dict[str, go.Figure]:
    """Return all figures of a study by name; names are valid HTML ids.

    ``response-OBJECTIVE`` for each objective, ``tradeoff`` if there are several, and ``curves``.

    Args:
        table: from `sweeper.store.results.frames.trial_table`.
        curves: from `sweeper.store.results.frames.curve_table`.
        spec: the study.
    """
    figures = {f"response-{name}": response_figure(table, spec, name) for name in spec.objectives}
    if len(spec.objectives) > 1:
        figures["tradeoff"] = tradeoff_figure(table, spec)
    return {**figures, "curves": curves_figure(curves, table, spec)}
