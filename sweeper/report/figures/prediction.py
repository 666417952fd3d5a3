"""The prediction: the gain over plain softmax along each margin and the scale, before training."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweeper.errors import UsageError
from sweeper.report.figures import style
from sweeper.report.figures.axes import ParameterAxis
from sweeper.repository.answer import Profile, Recommendation
from sweeper.repository.archive import replace_file
from sweeper.repository.objectives import SHARES, in_unit, shown

_GAIN, _SOFTMAX, _GOOD = style.DISTINCT[0], style.DISTINCT[1], style.DISTINCT[2]

#: How far below what counts the axis reaches, in widths of the recommended setting's interval.
_BELOW = 2.0

#: Characters in a line of a reason.
_LINE = 80


def prediction_figure(recommendation: Recommendation) -> go.Figure:
    """Return what is predicted along each margin and the scale, all else as recommended.

    A panel for each that varies: the mean with a band of the 90 % interval, the range that is as
    good within noise shaded, the recommended setting ringed, and plain softmax a line at zero.
    Gains stand in points, those of compactness in percent less. Settings far worse than these lie
    below the axis. Without anything to draw, the figure says why.
    """
    objective, setting = recommendation.objective, recommendation.setting
    title = f"{objective}: {setting.describe()}"
    profiles = {
        name: profile
        for name, profile in recommendation.profiles.items()
        if len(profile.values) > 1
    }
    if not profiles:
        lines = wrap(f"nothing to draw: {_reason(recommendation)}", _LINE)
        return style.empty(title, "<br>".join(map(style.escape, lines)))
    figure = make_subplots(rows=1, cols=len(profiles), horizontal_spacing=0.03)
    for column, (name, profile) in enumerate(profiles.items(), start=1):
        _add_panel(figure, column, recommendation, name, profile)
    window = _window(recommendation, profiles)
    figure.update_yaxes(range=list(window))
    figure.update_yaxes(title_text=_title(objective), row=1, col=1)
    gain = recommendation.gain
    subtitle = (
        f"gain over plain softmax {shown(objective, gain.mean)}, "
        f"90 % interval {shown(objective, gain.low, gain.high)}; predicted, not measured"
    )
    return style.finish(figure, title, subtitle)


def write_figure(figure: go.Figure, path: str) -> None:
    """Write a figure as one HTML file that needs nothing else, whole or not at all.

    Args:
        figure: of plotly.
        path: ends in ``.html``; ``~`` is the home folder. Its folder is made.

    Raises:
        UsageError: another ending.
        SweeperError: the file cannot be written.
    """
    target = Path(path).expanduser()
    if target.suffix.lower() != ".html":
        raise UsageError(f"a figure is written as .html alone, not as {path!r}")
    page = figure.to_html(include_plotlyjs=True, div_id="figure", default_height="95vh")
    replace_file(target, page.encode())


def _add_panel(
    figure: go.Figure, column: int, recommendation: Recommendation, name: str, profile: Profile
) -> None:
    """Draw one margin, or the scale; the legend has everything once, from the first panel."""
    objective, first = recommendation.objective, column == 1
    axis = ParameterAxis.over(name, profile.values)
    figure.update_xaxes(axis.layout(), row=1, col=column)
    if not first:
        figure.update_yaxes(matches="y", showticklabels=False, row=1, col=column)
    mean, lower, upper = (
        in_unit(objective, np.array(gains)) for gains in (profile.mean, profile.low, profile.high)
    )
    setting = getattr(recommendation.setting, name)
    gain = float(in_unit(objective, np.array([recommendation.gain.mean]))[0])
    unit = "points" if objective in SHARES else "%"
    traces = (
        style.band(profile.values, lower, upper, _GAIN, "gain"),
        go.Scatter(
            x=axis.edges(),
            y=[0, 0],
            mode="lines",
            line={"color": _SOFTMAX, "dash": "dash", "width": 2},
            name="plain softmax",
            legendgroup="softmax",
            showlegend=first,
            hoverinfo="skip",
        ),
        go.Scatter(
            x=style.small(profile.values),
            y=style.small(mean),
            mode="lines",
            line={"color": _GAIN, "width": 2},
            name="predicted, with its 90 % interval",
            legendgroup="gain",
            showlegend=first,
            customdata=style.small(np.column_stack([lower, upper])),
            hovertemplate=f"{name} %{{x:.4g}}<br>%{{y:+.2f}} {unit}, predicted"
            "<br>90 % interval %{customdata[0]:+.2f} to %{customdata[1]:+.2f}<extra></extra>",
        ),
        go.Scatter(
            x=[setting],
            y=[gain],
            mode="markers",
            marker=style.ring(14),
            name="recommended",
            legendgroup="recommended",
            showlegend=first,
            hoverinfo="skip",
        ),
    )
    for trace in traces:
        figure.add_trace(trace, row=1, col=column)
    # After the traces: plotly leaves out panels that are still empty.
    low, high = recommendation.as_good[name]
    figure.add_vrect(
        low,
        high,
        row=1,
        col=column,
        layer="below",
        fillcolor=style.see_through(_GOOD, 0.15),
        line_width=0,
        name="as good within noise",
        legendgroup="good",
        showlegend=first,
    )


def _window(recommendation: Recommendation, profiles: Mapping[str, Profile]) -> tuple[float, float]:
    """Return the ends of the gains' axis: settings that collapse would press the rest flat."""
    objective, gain = recommendation.objective, recommendation.gain
    drawn = [end for profile in profiles.values() for end in (*profile.low, *profile.high)]
    numbers = in_unit(objective, np.array([0.0, gain.low, gain.high, *drawn]))
    counts = numbers[:3]
    floor = counts.min() - _BELOW * (counts.max() - counts.min())
    low, high = max(float(numbers.min()), float(floor)), float(numbers.max())
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _title(objective: str) -> str:
    if objective in SHARES:
        return f"gain in {objective} (points)"
    return f"less {objective} (%; more is better)"


def _reason(recommendation: Recommendation) -> str:
    """Say why there is no profile."""
    if not recommendation.known:
        return recommendation.notes[0]
    if recommendation.setting.loss == "softmax":
        return "plain softmax is recommended, which has no margin and no scale"
    return "near the recommended setting nothing else was measured"
