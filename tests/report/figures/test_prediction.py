"""The figure of a prediction against the numbers of the recommendation it draws."""

import re
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from sweeper.errors import SweeperError, UsageError
from sweeper.registry.setting import Setting
from sweeper.report.figures.prediction import prediction_figure, write_figure
from sweeper.repository.recommendation.gain import Gain
from sweeper.repository.recommendation.recommendation import Baseline, Profile, Recommendation
from tests.support.plans import PLAN

M2 = Profile((0.1, 0.25, 0.4), (0.005, 0.0123, -0.01), (-0.01, 0.004, -0.03), (0.02, 0.02, 0.0))
SCALE = Profile((4.0, 12.0, 64.0), (0.01, 0.0123, 0.002), (0.0, 0.004, -0.01), (0.02, 0.02, 0.015))
ALONE = Profile((1.0,), (0.0123,), (0.004,), (0.02,))


@pytest.fixture
def answer():
    return Recommendation(
        objective="accuracy",
        known=True,
        setting=Setting("combined", m2=0.25, scale=12.0),
        gain=Gain(0.0123, 0.004, 0.02),
        as_good={"m1": (1.0, 1.0), "m2": (0.1, 0.25), "m3": (0.0, 0.0), "scale": (4.0, 12.0)},
        nearest=(),
        baselines=(),
        notes=("a <note>",),
        sweep="sweeper run DATASET",
        plan=PLAN,
        noise=0.012,
        profiles={"m1": ALONE, "m2": M2, "m3": replace(ALONE, values=(0.0,)), "scale": SCALE},
    )


def test_what_varies_has_a_panel_with_the_predicted_gain_in_points(answer, named):
    figure = prediction_figure(answer)
    lines = named(figure, "predicted")
    assert len(lines) == 2
    for line, profile in zip(lines, (M2, SCALE), strict=True):
        assert line.x == pytest.approx(profile.values)
        assert line.y == pytest.approx(100 * np.array(profile.mean))
        ends = 100 * np.array([profile.low, profile.high]).T
        assert line.customdata == pytest.approx(ends, rel=1e-6)
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    for band, profile in zip(bands, (M2, SCALE), strict=True):
        assert band.y == pytest.approx(100 * np.array([*profile.high, *profile.low[::-1]]))
    assert figure.layout.xaxis.title.text == "margin m2 (radians)"
    assert (figure.layout.xaxis.type, figure.layout.xaxis2.type) == (None, "log")
    assert figure.layout.yaxis.title.text == "gain in accuracy (points)"


def test_the_setting_what_is_as_good_and_plain_softmax_are_marked(answer, named):
    figure = prediction_figure(answer)
    assert [(t.x[0], t.y[0]) for t in named(figure, "recommended")] == [
        (0.25, pytest.approx(1.23)),
        (12.0, pytest.approx(1.23)),
    ]
    assert [tuple(t.y) for t in named(figure, "plain softmax")] == [(0, 0), (0, 0)]
    shaded = [(s.x0, s.x1, s.xref, s.showlegend) for s in figure.layout.shapes]
    assert shaded == [(0.1, 0.25, "x", True), (4.0, 12.0, "x2", False)]
    said = "as good within noise: at most 1.2 points less than recommended"
    assert {shape.name for shape in figure.layout.shapes} == {said}


def test_baselines_that_are_predicted_are_ticks_at_the_right(answer, named):
    beside = (
        Baseline("plain softmax", Setting("softmax"), 0.0),
        Baseline("never measured", Setting("arcface", m2=0.5), None),
        Baseline("best constant", Setting("arcface", m2=0.3), 0.0104),
        Baseline("ArcFace (0.5, 64)", Setting("arcface", m2=0.5), -0.5),
    )
    figure = prediction_figure(replace(answer, baselines=beside))
    ticks, names = named(figure, "baselines")
    assert ticks.xaxis == names.xaxis == "x3"
    assert names.text == ("+1.0 best constant", "↓ -50.0 ArcFace (0.5, 64)")
    low, high = figure.layout.yaxis.range
    assert figure.layout.yaxis3.range == (low, high)
    assert [ticks.y[0], ticks.y[4]] == [pytest.approx(1.04), low]
    assert all(low <= place <= high for place in names.y)
    compactness = prediction_figure(replace(answer, baselines=beside, objective="compactness"))
    assert named(compactness, "baselines")[1].text[0] == "+1 best constant"


def test_an_interval_much_wider_than_the_gains_is_cut_and_the_legend_says_so(answer, named):
    figure = prediction_figure(replace(answer, profiles={"scale": SCALE}))
    assert named(figure, "predicted")[0].name == "predicted, with its 90 % interval"
    wide = Profile(M2.values, M2.mean, (-0.5, -0.4, -0.5), (0.6, 0.7, 0.8))
    figure = prediction_figure(replace(answer, profiles={"m2": wide}))
    low, high = figure.layout.yaxis.range
    means = 100 * np.array(M2.mean)
    assert low < means.min() < means.max() < high
    assert high - low < 10 * (means.max() - means.min())
    name = "predicted, with its 90 % interval, partly beyond the axis"
    assert named(figure, "predicted")[0].name == name


def test_the_title_says_what_is_recommended_and_that_it_is_predicted(answer):
    title = prediction_figure(answer).layout.title
    assert title.text == "<b>accuracy: combined (m1 1, m2 0.25, m3 0, scale 12), lr 0.001</b>"
    assert (
        "+1.2 points over plain softmax, 90 % interval +0.4 to +2.0 points" in title.subtitle.text
    )
    assert "predicted, not measured" in title.subtitle.text
    first, second = title.subtitle.text.split("<br>")
    assert first.endswith("everything else as recommended")
    assert second.startswith("the ring is the best of all settings measured or close to one")


def test_every_ring_is_on_its_curve(answer, named):
    figure = prediction_figure(answer)
    for ring, line in zip(named(figure, "recommended"), named(figure, "predicted"), strict=True):
        assert ring.y[0] == pytest.approx(np.interp(ring.x[0], line.x, line.y))


def test_compactness_stands_in_percent_less(answer, named):
    figure = prediction_figure(replace(answer, objective="compactness"))
    expected = 100 * (1 - np.exp(-np.array(M2.mean)))
    assert named(figure, "predicted")[0].y == pytest.approx(expected)
    assert "%" in figure.layout.yaxis.title.text
    assert "%" in named(figure, "predicted")[0].hovertemplate


def test_a_collapse_does_not_press_the_rest_flat(answer):
    fallen = Profile(
        (0.1, 0.25, 0.9), (0.0, 0.0123, -0.7), (-0.01, 0.004, -0.8), (0.01, 0.02, -0.6)
    )
    figure = prediction_figure(replace(answer, profiles={"m2": fallen}))
    low, high = figure.layout.yaxis.range
    assert -6 < low < -2
    assert 2 < high < 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"known": False, "setting": Setting("softmax"), "profiles": {}}, "a &lt;note&gt;"),
        ({"setting": Setting("softmax"), "profiles": {}}, "plain softmax is recommended"),
        ({"profiles": {"m1": ALONE}}, "nothing else was measured"),
    ],
)
def test_without_profiles_it_says_why(answer, change, reason):
    figure = prediction_figure(replace(answer, **change))
    assert not figure.data
    assert reason in figure.layout.annotations[0].text.replace("<br>", " ")


def test_the_page_needs_nothing_else(answer, tmp_path):
    path = tmp_path / "new" / "figure.html"
    for _ in range(2):  # the second time in its place
        write_figure(prediction_figure(answer), str(path))
    page = path.read_text(encoding="utf-8")
    assert not re.search(r"<script[^>]*\ssrc=", page)
    assert "predicted, not measured" in page
    assert len(page) > 1_000_000
    assert [p.name for p in path.parent.iterdir()] == ["figure.html"]


@pytest.mark.parametrize("name", ["figure.png", "figure", ".html", "html"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match=r"only be written as \.html"):
        write_figure(go.Figure(), str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder.html").mkdir()
    for path in (tmp_path / "file" / "figure.html", tmp_path / "folder.html"):
        with pytest.raises(SweeperError, match="cannot be written"):
            write_figure(go.Figure(), str(path))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.html"]
