"""Figures of a study: what margin and scale did, how training went, what was traded for what."""

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
    """Return all figures of a study by a name that may be an HTML id.

    ``response-OBJECTIVE`` for each objective, ``tradeoff`` where there are several, ``curves``.

    Args:
        table: what `sweeper.store.results.frames.trial_table` returns.
        curves: what `sweeper.store.results.frames.curve_table` returns.
        spec: the study.
    """
    figures = {f"response-{name}": response_figure(table, spec, name) for name in spec.objectives}
    if len(spec.objectives) > 1:
        figures["tradeoff"] = tradeoff_figure(table, spec)
    return {**figures, "curves": curves_figure(curves, table, spec)}
