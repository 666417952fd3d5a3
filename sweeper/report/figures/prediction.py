"""The prediction: the gain over plain softmax along each margin and the scale, before training."""

from collections.abc import Mapping
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweeper.console import rounded
from sweeper.files import html_path, replace_file
from sweeper.registry.objectives import is_share
from sweeper.report.figures import style
from sweeper.report.figures.axes import ParameterAxis
from sweeper.report.figures.labels import add_labels
from sweeper.repository.objectives import digits, in_unit, regret_shown, shown, unit_of_gains
from sweeper.repository.recommendation.recommendation import Profile, Recommendation
from sweeper.repository.surrogates.coordinates import FloatArray

_GAIN, _SOFTMAX = style.DISTINCT[:2]
_GOOD = style.with_opacity(style.INK, 0.1)

#: How far the axis follows the intervals beyond the means, in multiples of the means' range. With
#: more, the line of the means would be flat.
_BEYOND = 2.0

#: The share of the width for the names of the baselines.
_NAMES = 0.2

#: A page filled by a figure.
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>sweeper</title></head>
<body style="margin: 0">{}</body>
</html>
"""

#: Characters per line of an explanation.
_LINE = 80


def prediction_figure(recommendation: Recommendation) -> go.Figure:
    """Return the predicted gain along each margin and the scale, all else as recommended.

    Each one that varies has a panel: the mean with a band for the 90 % interval, shading for the
    range that is as good within noise, a ring around the recommended setting, and a line at
    zero for plain softmax. The ring is the best of what may be recommended, see `Space.candidates`;
    a curve reaches further and may rise past it. Baselines with a predicted gain are ticks on the
    right. Gains are in points, or in percent reduction for compactness. Settings far worse than
    these lie below the axis, and a wide interval extends beyond it. If there is nothing to draw,
    the figure says why.
    """
    objective, setting = recommendation.objective, recommendation.setting
    title = f"{objective}: {recommendation.described(setting)}"
    profiles = {
        name: profile
        for name, profile in recommendation.profiles.items()
        if len(profile.values) > 1
    }
    if not profiles:
        lines = wrap(f"nothing to draw: {_reason(recommendation)}", _LINE)
        return style.empty(title, "<br>".join(map(style.escape, lines)))
    baselines = _predicted_baselines(recommendation)
    panels = len(profiles)
    widths = [(1 - _NAMES) / panels] * panels + [_NAMES]
    columns = panels + bool(baselines)
    figure = make_subplots(
        rows=1, cols=columns, horizontal_spacing=0.025, column_widths=widths[:columns]
    )
    window, is_cut = _window(recommendation, profiles)
    interval = "90 % interval, partly beyond the axis" if is_cut else "90 % interval"
    for column, (name, profile) in enumerate(profiles.items(), start=1):
        _add_panel(figure, column, recommendation, name, profile, interval)
    figure.update_yaxes(range=list(window))
    figure.update_yaxes(title_text=_title(objective), row=1, col=1)
    if baselines:
        add_labels(figure, columns, baselines, window)
    gain = recommendation.gain
    what = "predicted, not measured" if recommendation.is_predicted else recommendation.gains_called
    subtitle = (
        f"{what}: {shown(objective, gain.mean)} over plain softmax, "
        f"90 % interval {shown(objective, gain.low, gain.high)}; "
        "along each axis, everything else as recommended\n"
        "the ring is the best of all settings measured or close to one; where nothing close was "
        "measured, a curve may rise past it"
    )
    style.finish(figure, title, subtitle)
    # A legend below the axis titles at any height, no larger than it needs to be.
    figure.update_layout(legend={"yref": "container", "y": 0.01, "yanchor": "bottom"}, margin_b=80)
    return figure


def write_figure(figure: go.Figure, path: str) -> None:
    """Write a figure atomically as one self-contained HTML file.

    Args:
        figure: the plotly figure.
        path: ends in ``.html``; ``~`` is the home folder. The parent folder is created.

    Raises:
        UsageError: the path has another extension.
        SweeperError: the file cannot be written.
    """
    target = html_path(path)
    content = figure.to_html(
        full_html=False, include_plotlyjs=True, div_id="figure", default_height="100vh"
    )
    replace_file(target, _PAGE.format(content).encode())


def _add_panel(
    figure: go.Figure,
    column: int,
    recommendation: Recommendation,
    name: str,
    profile: Profile,
    interval: str,
) -> None:
    """Draw one margin or the scale. Legend entries come from the first panel only."""
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
    unit = unit_of_gains(objective)
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
            name=f"predicted, with its {interval}",
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
        fillcolor=_GOOD,
        line_width=0,
        name="as good within noise: at most "
        f"{regret_shown(objective, recommendation.noise)} less than recommended",
        legendgroup="good",
        showlegend=first,
    )


def _predicted_baselines(recommendation: Recommendation) -> dict[str, float]:
    """Return the baselines' gains in the figure's unit by label, without plain softmax."""
    objective = recommendation.objective
    gains_by_label = {}
    for baseline in recommendation.baselines:
        if baseline.predicted is not None and baseline.setting.loss != "softmax":
            gain = float(in_unit(objective, np.array([baseline.predicted]))[0])
            # The number first, because a narrow page truncates the end.
            gains_by_label[f"{rounded(gain, f'+.{digits(objective)}f')} {baseline.name}"] = gain
    return gains_by_label


def _window(
    recommendation: Recommendation, profiles: Mapping[str, Profile]
) -> tuple[tuple[float, float], bool]:
    """Return the ends of the gains' axis, and whether intervals extend beyond them.

    Settings that collapse would flatten the rest. So the axis covers the better half of the means
    and the same distance again, and the intervals up to a limit.
    """

    def numbers(field: str) -> FloatArray:
        every = [gain for profile in profiles.values() for gain in getattr(profile, field)]
        return in_unit(recommendation.objective, np.array(every))

    mean, lowest, highest = numbers("mean"), numbers("low").min(), numbers("high").max()
    limit = mean.max() - 2 * (mean.max() - np.median(mean))
    worst, best = min(0.0, mean[mean >= limit].min()), max(0.0, mean.max())
    span = (best - worst) or highest - lowest
    low, high = max(lowest, worst - _BEYOND * span), min(highest, best + _BEYOND * span)
    low, high = min(low, worst), max(high, best)
    room = 0.06 * (high - low) or 1.0
    return (float(low - room), float(high + room)), bool(lowest < low or highest > high)


def _title(objective: str) -> str:
    if is_share(objective):
        return f"gain in {objective} (points)"
    return f"reduction in {objective} (%; more is better)"


def _reason(recommendation: Recommendation) -> str:
    """Return the reason why there is no profile."""
    if not recommendation.known:
        return recommendation.notes[0]
    if recommendation.setting.loss == "softmax":
        return "plain softmax is recommended, which has no margin or scale"
    return "nothing else was measured near the recommended setting"
