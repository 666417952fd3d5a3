"""The response figure against means and deviations computed by hand."""

import json
import math
import random
import statistics

import numpy as np
import pytest

from sweeper.registry.setting import Setting
from sweeper.report.figures import response_figure
from sweeper.report.figures.rows import MOST_POINTS

#: Seeds' values of five trials; neither means nor deviations have a short decimal form.
VALUES = [(0.81, 0.83), (0.9, 0.93), (0.777, 0.7), (0.85, 0.851), (0.82, 0.88)]
MARGINS = [(-0.1, 0.0, 4.0), (0.1, 0.1, 8.0), (0.3, 0.2, 64.0), (0.5, -0.1, 16.0), (0.7, 0.4, 100)]


@pytest.fixture
def search(given, setting):
    study = given(epochs=3)
    for values, (m2, m3, scale) in zip(VALUES, MARGINS, strict=True):
        study.add(setting(m2=m2, m3=m3, scale=scale), accuracy=values)
    study.add(control="softmax", accuracy=(0.86, 0.88))
    study.add(control="arcface", accuracy=(0.8, 0.79))
    return study


def means(values):
    return [100 * statistics.fmean(one) for one in values]


def deviations(values):
    return [100 * statistics.stdev(one) for one in values]


def axis(figure, kind, column):
    return figure.layout[f"{kind}axis{'' if column == 1 else column}"]


def test_every_panel_has_each_trials_mean_and_deviation(search, tables, named):
    figure = response_figure(tables(search)[0], search.spec)
    panels = named(figure, "trials")
    assert len(panels) == 3
    for column, panel in enumerate(panels):
        assert panel.x == pytest.approx([margins[column] for margins in MARGINS], rel=1e-6)
        assert panel.y == pytest.approx(means(VALUES), rel=1e-6)
        assert panel.error_y.array == pytest.approx(deviations(VALUES), rel=1e-5)
        low, high = axis(figure, "y", column + 1).range
        assert low < min(panel.y) <= max(panel.y) < high


def test_the_bar_of_the_best_trial_is_seen_whole(given, setting, tables):
    study = given(epochs=3)
    for margin, values in ((0.1, (0.5, 0.7)), (0.2, (0.55, 0.56)), (0.3, (0.54, 0.55))):
        study.add(setting(m2=margin, m3=0.0, scale=8.0), accuracy=values)
    _, high = axis(response_figure(tables(study)[0], study.spec), "y", 1).range
    assert high > means([(0.5, 0.7)])[0] + deviations([(0.5, 0.7)])[0]


def test_an_option_that_no_trial_has_beyond_its_default_has_a_panel(given, tables, named):
    study = given(space=("m2", "m3", "subcenters"))
    study.add(Setting("combined", m2=0.1, m3=0.2), accuracy=(0.8, 0.9))
    study.add(control="softmax", accuracy=(0.8, 0.79))
    panels = named(response_figure(tables(study)[0], study.spec), "trials")
    assert [list(panel.x) for panel in panels] == [pytest.approx([x]) for x in (0.1, 0.2, 1)]


def test_axes_have_units_and_the_scale_a_logarithm(search, tables):
    figure = response_figure(tables(search)[0], search.spec)
    assert [axis(figure, "x", column).type for column in (1, 2, 3)] == [None, None, "log"]
    titles = [axis(figure, "x", column).title.text for column in (1, 2, 3)]
    assert titles == ["margin m2 (radians)", "margin m3 (cosine)", "scale s"]
    assert axis(figure, "y", 1).title.text == "validation accuracy (%)"
    low, high = axis(figure, "x", 3).range
    assert low < math.log10(2) < math.log10(128) < high
    assert axis(figure, "x", 3).tickvals == (2, 4, 8, 16, 32, 64, 128)


def test_color_is_the_scale_and_in_its_own_panel_a_margin(search, tables, named):
    figure = response_figure(tables(search)[0], search.spec)
    m2, m3, scale = named(figure, "trials")
    logs = [math.log10(margins[2]) for margins in MARGINS]
    assert m2.marker.color == pytest.approx(logs, rel=1e-6)
    assert m3.marker.color == pytest.approx(logs, rel=1e-6)
    assert scale.marker.color == pytest.approx([margins[0] for margins in MARGINS], rel=1e-6)
    assert figure.layout.coloraxis.colorbar.title.text == "scale"
    assert figure.layout.coloraxis2.colorbar.title.text == "m2"


def test_controls_are_lines_with_bands(search, tables, named):
    figure = response_figure(tables(search)[0], search.spec)
    for name, values in (("plain softmax", (0.86, 0.88)), ("arcface as pub", (0.8, 0.79))):
        lines = named(figure, name)
        mean, deviation = 100 * statistics.fmean(values), 100 * statistics.stdev(values)
        assert len(lines) == 3
        assert lines[0].name.endswith(f"{mean:.1f} ± {deviation:.1f} %")
        bands = [t for t in figure.data if t.fill and t.legendgroup.startswith(name)]
        for column, (line, band) in enumerate(zip(lines, bands, strict=True), start=1):
            assert line.y == pytest.approx([mean, mean], rel=1e-6)
            upper, lower = mean + deviation, mean - deviation
            assert band.y == pytest.approx([upper, upper, lower, lower], rel=1e-6)
            low, high = axis(figure, "y", column).range
            assert low < mean - deviation < mean + deviation < high
    assert "(m2 0.5, scale 64)" in named(figure, "arcface as pub")[0].name


def test_the_best_trial_is_ringed_and_named(search, tables, named):
    figure = response_figure(tables(search)[0], search.spec)
    rings = named(figure, "best")
    assert [ring.x[0] for ring in rings] == list(MARGINS[1])
    assert [ring.y[0] for ring in rings] == pytest.approx([91.5] * 3)
    assert rings[0].name == "best, trial 1: m2 0.1, m3 0.1, scale 8: 91.5 ± 2.1 %"


def test_pruned_trials_stand_apart_and_failed_ones_are_counted(search, setting, tables, named):
    search.add(setting(m2=0.33, scale=5.0), state="pruned", accuracy=(0.75, 0.8), epochs=1)
    search.add(setting(m2=0.44, scale=5.0), state="failed", cause="non-finite")
    search.add(setting(m2=0.55, scale=5.0), state="failed", cause="lost")  # tried again elsewhere
    figure = response_figure(tables(search)[0], search.spec)
    assert [len(panel.x) for panel in named(figure, "trials")] == [5] * 3
    pruned = named(figure, "pruned")
    assert pruned[0].x == pytest.approx([0.33])
    assert pruned[0].y == pytest.approx([77.5])
    assert pruned[0].customdata[0] == pytest.approx([5, 1])
    assert figure.layout.title.subtitle.text == (
        "5 complete, 1 pruned, 1 failed · mean ± standard deviation of 2 seeds"
    )


def test_a_trial_that_learned_nothing_stands_at_the_edge(search, setting, tables, named):
    search.add(setting(m2=0.2, scale=2.0), accuracy=(0.1, 0.12))
    figure = response_figure(tables(search)[0], search.spec)
    low, high = axis(figure, "y", 1).range
    assert low > 60
    assert [len(panel.x) for panel in named(figure, "trials")] == [5] * 3
    outside = named(figure, "below the axis (1)")
    assert outside[0].x == pytest.approx([0.2])
    assert low < outside[0].y[0] < low + 0.05 * (high - low)
    assert outside[0].customdata[0][1] == pytest.approx(11.0)
    assert outside[0].marker.symbol == ("triangle-down",)


def test_two_parameters_make_a_map_colored_by_the_objective(given, tables, named):
    study = given(("m2", "scale"), loss="arcface")
    for values, (m2, _, scale) in zip(VALUES, MARGINS, strict=True):
        study.add(Setting("arcface", m2=m2, scale=scale), accuracy=values)
    figure = response_figure(tables(study)[0], study.spec)
    assert [len(named(figure, "trials")), len(named(figure, "map"))] == [2, 1]
    (map_of_both,) = named(figure, "map")
    assert map_of_both.x == pytest.approx([margins[0] for margins in MARGINS], rel=1e-6)
    assert map_of_both.y == pytest.approx([margins[2] for margins in MARGINS], rel=1e-6)
    assert map_of_both.marker.color == pytest.approx(means(VALUES), rel=1e-6)
    assert axis(figure, "y", 3).type == "log"
    assert axis(figure, "y", 3).title.text == "scale s"
    assert axis(figure, "y", 3).matches is None


def test_one_parameter_is_one_panel(given, tables, named):
    study = given(("lr",), loss="softmax")
    for values, rate in zip(VALUES, (1e-4, 1e-3, 2e-3, 5e-3, 1e-2), strict=True):
        study.add(Setting("softmax", lr=rate), accuracy=values)
    figure = response_figure(tables(study)[0], study.spec)
    (panel,) = named(figure, "trials")
    assert panel.y == pytest.approx(means(VALUES), rel=1e-6)
    assert axis(figure, "x", 1).type == "log"
    assert axis(figure, "x", 1).title.text == "learning rate"


def test_one_seed_has_no_spread(given, setting, tables, named):
    study = given(seeds=1)
    study.add(setting(m2=0.1), accuracy=(0.9,))
    study.add(control="softmax", accuracy=(0.8,))
    figure = response_figure(tables(study)[0], study.spec)
    assert all(panel.error_y.array is None for panel in named(figure, "trials"))
    assert figure.layout.title.subtitle.text == "1 complete · one seed, no spread"
    assert named(figure, "plain softmax")[0].name == "plain softmax: 80.0 %"


def test_without_a_complete_trial_the_controls_stand_alone(given, tables, named):
    study = given()
    study.add(control="softmax", accuracy=(0.8, 0.82))
    figure = response_figure(tables(study)[0], study.spec)
    assert len(named(figure, "plain softmax")) == 3
    low, high = axis(figure, "y", 1).range
    assert low < 80 < 82 < high


def test_without_anything_the_figure_says_so(given, tables):
    study = given()
    figure = response_figure(tables(study)[0], study.spec)
    assert figure.layout.annotations[0].text == "no trial is complete yet"
    assert figure.layout.title.text == "<b>mine: validation accuracy</b>"


def test_an_infinite_compactness_stands_at_the_edge(given, setting, tables, named):
    study = given(objectives=["compactness"])
    for value, (m2, _, scale) in zip((0.5, 0.6, 0.4, math.inf), MARGINS, strict=False):
        study.add(setting(m2=m2, scale=scale), compactness=(value, value + 0.01))
    figure = response_figure(tables(study)[0], study.spec)
    assert named(figure, "trials")[0].y == pytest.approx([0.505, 0.605, 0.405], rel=1e-6)
    low, high = axis(figure, "y", 1).range
    assert low < 0.405 < 0.605 < high < 1
    assert named(figure, "above the axis (1)")[0].y[0] == pytest.approx(high, rel=0.02)
    assert named(figure, "best")[0].y[0] == pytest.approx(0.405)


def test_each_objective_has_its_figure(given, setting, tables, named):
    study = given(objectives=["accuracy", "retrieval"])
    study.add(setting(m2=0.1), accuracy=(0.9, 0.91), retrieval=(0.5, 0.52))
    study.add(setting(m2=0.2), accuracy=(0.8, 0.81), retrieval=(0.6, 0.62))
    table, _ = tables(study)
    figure = response_figure(table, study.spec, "retrieval")
    assert named(figure, "trials")[0].y == pytest.approx([51, 61], rel=1e-6)
    assert named(figure, "best")[0].x[0] == pytest.approx(0.2)
    assert named(response_figure(table, study.spec), "best")[0].x[0] == pytest.approx(0.1)


def test_many_trials_stay_small_and_keep_the_best(given, setting, named):
    import pandas as pd

    study = given()
    draw = random.Random(0)
    rows = [
        {
            "number": number,
            "control": None,
            "state": "complete",
            "cause": None,
            "epochs": 2,
            "seeds": 4,
        }
        | vars(setting(m2=draw.uniform(0, 1), m3=0.1, scale=draw.uniform(2, 128)))
        | {"losses": "combined", "accuracy": draw.gauss(0.8, 0.01), "accuracy_std": 0.01}
        for number in range(5000)
    ]
    table = pd.DataFrame(rows).astype({"number": "Int64"})
    figure = response_figure(table, study.spec)
    panel = named(figure, "trials")[0]
    assert len(panel.x) == MOST_POINTS
    best = sorted(table["accuracy"])[-MOST_POINTS // 2 :]
    assert np.isin(np.float32(100 * np.array(best)), panel.y).all()
    assert np.isfinite(panel.error_y.array).sum() < 200
    assert len(figure.to_json()) < 300_000


class TestExperiment:
    SETTINGS = (
        {"loss": "softmax"},
        {"loss": "arcface", "m2": [0.1, 0.2, 0.3], "scale": 16},
        {"loss": "combined", "m2": [0.1, 0.2], "m3": [0.0, 0.3], "scale": 16},
    )

    @pytest.fixture
    def experiment(self, given):
        study = given(kind="experiment", settings=self.SETTINGS)
        for place, setting in enumerate(study.spec.settings_list()):
            study.add(setting, accuracy=(0.8 + place / 100, 0.81 + place / 90))
        return study

    def test_losses_are_groups_over_what_varies(self, experiment, tables):
        figure = response_figure(tables(experiment)[0], experiment.spec)
        titles = [axis(figure, "x", column).title.text for column in (1, 2)]
        assert titles == ["margin m2 (radians)", "margin m3 (cosine)"]
        assert "xaxis3" not in figure.layout
        for loss, name, xaxis in (
            ("arcface", "m2", "x"),
            ("combined", "m2", "x"),
            ("combined", "m3", "x2"),
        ):
            trials = [trial for trial in experiment.trials if trial.setting.loss == loss]
            (points,) = (
                t
                for t in figure.data
                if t.name == loss and t.mode == "markers" and t.xaxis == xaxis
            )
            assert points.x == pytest.approx([getattr(t.setting, name) for t in trials], rel=1e-6)
            seeds = [[seed.values["accuracy"] for seed in trial.seeds] for trial in trials]
            assert points.y == pytest.approx(means(seeds), rel=1e-6)
            assert points.error_y.array == pytest.approx(deviations(seeds), rel=1e-4)
        assert figure.layout.yaxis.title.text == "test accuracy (%)"

    def test_a_loss_with_a_term_is_another_group(self, given, tables, named):
        settings = [
            {"loss": "softmax"},
            {"loss": "softmax", "beside": ["center"], "center.lambda": [1e-3, 1e-2, 1e-1]},
        ]
        study = given(kind="experiment", settings=settings)
        for place, setting in enumerate(study.spec.settings_list()):
            study.add(setting, accuracy=(0.8 + place / 100, 0.81 + place / 90))
        figure = response_figure(tables(study)[0], study.spec)
        assert axis(figure, "x", 1).title.text == "center λ"
        assert axis(figure, "x", 1).type == "log"
        (points,) = (t for t in figure.data if t.name == "softmax + center" and t.mode == "markers")
        assert points.x == pytest.approx([1e-3, 1e-2, 1e-1], rel=1e-6)
        assert len(named(figure, "softmax: 80.5 ± 0.7 %")) == 1

    def test_a_line_goes_through_the_means(self, experiment, tables):
        figure = response_figure(tables(experiment)[0], experiment.spec)
        (line,) = (
            t
            for t in figure.data
            if t.name == "combined" and t.mode == "lines+markers" and t.xaxis == "x2"
        )
        by_m3 = {0.0: [], 0.3: []}
        for trial in experiment.trials[4:]:
            by_m3[trial.setting.m3] += [seed.values["accuracy"] for seed in trial.seeds]
        assert line.x == pytest.approx(list(by_m3))
        assert line.y == pytest.approx(means(by_m3.values()), rel=1e-6)

    def test_a_loss_without_margins_is_a_line(self, experiment, tables, named):
        figure = response_figure(tables(experiment)[0], experiment.spec)
        lines = named(figure, "softmax: 80.5 ± 0.7 %")
        assert len(lines) == 2
        assert lines[0].y == pytest.approx([80.5, 80.5])

    def test_a_loss_is_at_the_edge_of_its_own_panels_only(self, given, tables):
        study = given(kind="experiment", settings=self.SETTINGS)
        for setting in study.spec.settings_list():
            value = 0.1 if setting.loss == "softmax" or setting.m2 == 0.3 else 0.8 + setting.m2 / 10
            study.add(setting, accuracy=(value, value + 0.01))
        figure = response_figure(tables(study)[0], study.spec)
        (edge,) = (t for t in figure.data if (t.name or "").startswith("below the axis"))
        assert (edge.name, edge.xaxis) == ("below the axis (1)", "x")
        assert edge.x == pytest.approx([0.3])

    def test_where_nothing_varies_the_settings_are_rows(self, given, tables):
        study = given(kind="experiment", settings=[{"loss": ["softmax", "arcface", "cosface"]}])
        for value, setting in zip((0.9, 0.7, 0.8), study.spec.settings_list(), strict=True):
            study.add(setting, accuracy=(value, value + 0.01))
        figure = response_figure(tables(study)[0], study.spec)
        shown = dict(zip(figure.data[0].y, figure.data[0].x, strict=True))
        assert shown == pytest.approx(
            {"cosface (m3 0, scale 64)": 80.5, "arcface (m2 0, scale 64)": 70.5, "softmax": 90.5}
        )


def test_the_json_is_for_the_browser(search, tables):
    """No NaN and no infinity, which JSON does not know; the name cannot act as HTML."""
    spec = search.spec.model_copy(update={"name": "<b>mine</b>"})
    text = response_figure(tables(search)[0], spec).to_json()
    content = json.loads(text, parse_constant=lambda word: pytest.fail(word))
    assert "&lt;b&gt;mine" in content["layout"]["title"]["text"]
