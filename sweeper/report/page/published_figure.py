"""Published figures and ours in one figure: a row for each setting."""

from collections.abc import Sequence

import plotly.graph_objects as go

from sweeper.registry.objectives import is_share
from sweeper.report.figures import style
from sweeper.report.page.published import Beside

#: Pixels of a row, and of what stands around the rows.
_ROW, _AROUND = 20, 190


def published_figure(name: str, entries: Sequence[Beside]) -> go.Figure:
    """Return our means with the range that chance gives a published figure, and those figures.

    The range is `Beside.reach` to either side. Disks are ours, diamonds are published; a diamond
    beyond its range is filled. Shape and filling tell them apart without color.

    Args:
        name: of the study.
        entries: of one measure, none of them the best of several runs.
    """
    measure = entries[0].measure
    factor = 100 if is_share(measure) else 1
    shown = [entry for entry in entries if entry.ours][::-1]  # plotly counts upwards
    labels = [style.escape(entry.setting) for entry in shown]
    figure = go.Figure(
        go.Scatter(
            x=[factor * entry.mean for entry in shown],
            y=labels,
            error_x={
                "array": [factor * entry.reach for entry in shown],
                "color": style.DISTINCT[0],
                "thickness": 1.5,
            },
            mode="markers",
            marker={"size": 8, "color": style.DISTINCT[0]},
            name="ours: mean, and where chance puts 95 % of published figures",
        )
    )
    for is_inside, symbol, words in (
        (True, "diamond-open", "published"),
        (False, "diamond", "published, not explained by chance"),
        (None, "diamond-open-dot", "published, chance unknown"),
    ):
        those = [i for i, entry in enumerate(shown) if entry.is_inside is is_inside]
        if those:
            figure.add_trace(
                go.Scatter(
                    x=[factor * shown[i].value for i in those],
                    y=[labels[i] for i in those],
                    mode="markers",
                    marker={
                        "symbol": symbol,
                        "size": 10,
                        "color": style.DISTINCT[1],
                        "line": {"width": 1.5, "color": style.DISTINCT[1]},
                    },
                    name=words,
                )
            )
    unit = " (%)" if is_share(measure) else ""
    figure.update_xaxes(title_text=f"{measure.replace('_', ' ')}{unit}")
    figure.update_yaxes(automargin=True, categoryorder="array", categoryarray=labels)
    style.finish(figure, f"{name}: published figures beside ours", "")
    figure.update_layout(height=_AROUND + _ROW * len(shown), legend_y=-60 / (_ROW * len(shown)))
    return figure
