"""What a loss or a term reports of each class, epoch by epoch."""

from itertools import cycle

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweeper.report.figures import style

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def class_curves_figure(table: pd.DataFrame, name: str, curve: str) -> go.Figure:
    """Return a panel for each setting with a line for each class, the mean over seeds.

    Args:
        table: one row per setting, `class` and epoch, with the mean `value`.
        name: of the study.
        curve: what is drawn, ``sigma2r.growth`` for example.
    """
    settings = list(dict.fromkeys(table["setting"]))
    figure = make_subplots(
        rows=1,
        cols=len(settings),
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=[style.escape(each) for each in settings],
    )
    classes = list(dict.fromkeys(table["class"]))
    looks = {
        of: {"color": color, "dash": dash, "width": 1.8}
        for of, color, dash in zip(
            classes, cycle(style.DISTINCT), _dashes(len(classes)), strict=False
        )
    }
    for column, setting in enumerate(settings, start=1):
        for of, lines in table[table["setting"] == setting].groupby("class", sort=False):
            figure.add_trace(
                go.Scatter(
                    x=lines["epoch"].tolist(),
                    y=style.small(lines["value"]),
                    mode="lines",
                    line=looks[str(of)],
                    name=style.escape(str(of)),
                    legendgroup=str(of),
                    showlegend=column == 1,
                ),
                row=1,
                col=column,
            )
    figure.update_annotations(font_size=11)
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(title_text=curve, row=1, col=1)
    return style.finish(figure, f"{name}: {curve} of each class", "mean over seeds")


def _dashes(number: int) -> list[str]:
    """Return a dash for each line: the next one whenever the colors begin again."""
    colors = len(style.DISTINCT)
    return [_DASHES[i // colors % len(_DASHES)] for i in range(number)]
