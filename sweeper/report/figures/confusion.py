"""Confusion matrices of several settings beside one another."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweeper.report.figures import style

#: Matrices of a row.
_COLUMNS = 3


def confusion_figure(table: pd.DataFrame, name: str, split: str) -> go.Figure:
    """Return a matrix for each setting: the share of a true class predicted as each class.

    The color is the share of errors: what is right would leave no contrast for them. The shares
    stand in the cells, in percent.

    Args:
        table: one row per setting, true class (`true`) and predicted class (`predicted`), with the
            number of `samples`, all seeds together.
        name: of the study.
        split: what was measured.
    """
    settings = list(dict.fromkeys(table["setting"]))
    classes = list(dict.fromkeys(table["true"]))
    columns = min(_COLUMNS, len(settings))
    rows = -(-len(settings) // columns)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[style.escape(each) for each in settings],
        shared_yaxes=True,  # labels of inner matrices would stand in the ones before
        horizontal_spacing=0.03,
        vertical_spacing=0.22 / rows,
    )
    highest = 1.0
    for place, (_, of) in enumerate(table.groupby("setting", sort=False)):
        counts = of.pivot_table(index="true", columns="predicted", values="samples", sort=False)
        counts = counts.reindex(index=classes, columns=classes).fillna(0)
        shares = 100 * counts.to_numpy() / np.maximum(counts.to_numpy().sum(1, keepdims=True), 1)
        errors = np.where(np.eye(len(classes), dtype=bool), np.nan, shares)
        if np.isfinite(errors).any():
            highest = max(highest, float(np.nanmax(errors)))
        figure.add_trace(
            go.Heatmap(
                x=classes,
                y=classes,
                z=style.small(errors),
                text=[[f"{share:.0f}" if share else "" for share in line] for line in shares],
                texttemplate="%{text}" if len(classes) <= 10 else None,
                customdata=style.small(shares),
                coloraxis="coloraxis",
                hovertemplate="%{y} predicted as %{x}: %{customdata:.2f} %<extra></extra>",
            ),
            row=place // columns + 1,
            col=place % columns + 1,
        )
    figure.update_annotations(font_size=11)
    style.finish(
        figure,
        f"{name}: confusion matrices",
        f"percent of each true class (rows) predicted as each class (columns), {split} data, "
        "all seeds together; errors are colored",
    )
    bar = style.color_axis("errors (%)", 0.0, highest, {})
    figure.update_layout(coloraxis={**bar, "colorscale": "Greys"}, height=130 + 350 * rows)
    figure.update_xaxes(type="category", tickangle=-45, showgrid=False, automargin=True)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, automargin=True)
    return figure
