"""The Pareto front against plain loops over all pairs."""

import random
import statistics

import numpy as np
import pytest

from sweeper.report.figures import study_figures, tradeoff_figure


@pytest.fixture
def study(given, setting):
    study = given(objectives=["accuracy", "compactness"])
    draw = random.Random(3)
    for _ in range(20):
        values = {name: (draw.random(), draw.random()) for name in study.spec.objectives}
        study.add(setting(m2=draw.random(), scale=draw.uniform(2, 128)), **values)
    study.add(control="softmax", accuracy=(0.5, 0.6), compactness=(0.4, 0.5))
    return study


def points(study):
    return [
        tuple(
            factor * statistics.fmean(seed.values[name] for seed in trial.seeds)
            for factor, name in ((100, "accuracy"), (1, "compactness"))
        )
        for trial in study.trials
        if trial.number is not None
    ]


def test_the_front_are_the_trials_that_no_other_beats(study, tables, named):
    figure = tradeoff_figure(tables(study)[0], study.spec)
    all_points = points(study)
    front = [
        (a, c)
        for a, c in all_points
        if not any(x >= a and y <= c and (x, y) != (a, c) for x, y in all_points)
    ]
    (trials,), (ringed,) = named(figure, "trials"), named(figure, "Pareto front")
    assert np.stack([trials.x, trials.y], axis=1) == pytest.approx(np.array(all_points), rel=1e-6)
    assert 1 < len(front) < 20
    assert np.stack([ringed.x, ringed.y], axis=1) == pytest.approx(
        np.array(sorted(front)), rel=1e-6
    )
    assert ringed.name.endswith(f"({len(front)})")


def test_a_control_stands_there_with_its_spread(study, tables, named):
    (control,) = named(tradeoff_figure(tables(study)[0], study.spec), "plain softmax")
    assert (control.x[0], control.y[0]) == pytest.approx((55, 0.45))
    spread = statistics.stdev((0.5, 0.6))
    assert control.error_x.array == pytest.approx([100 * spread])
    assert control.error_y.array == pytest.approx([spread])


def test_axes_say_what_is_better(study, tables):
    figure = tradeoff_figure(tables(study)[0], study.spec)
    assert figure.layout.xaxis.title.text == "validation accuracy (%)"
    assert "smaller is better" in figure.layout.yaxis.title.text


def test_three_objectives_have_a_panel_a_pair(given, setting, tables, named):
    study = given(objectives=["accuracy", "retrieval", "compactness"])
    study.add(setting(m2=0.1), accuracy=(0.5, 0.6), retrieval=(0.2, 0.3), compactness=(1.0, 1.5))
    figure = tradeoff_figure(tables(study)[0], study.spec)
    places = [place for t in named(figure, "trials") for place in (t.x[0], t.y[0])]
    assert places == pytest.approx([55, 25, 55, 1.25, 25, 1.25])


def test_a_study_has_all_its_figures(study, given, tables):
    table, curves = tables(study)
    assert list(study_figures(table, curves, study.spec)) == [
        "response-accuracy",
        "response-compactness",
        "tradeoff",
        "curves",
    ]
    assert list(study_figures(table, curves, given().spec)) == ["response-accuracy", "curves"]


def test_without_a_trial_the_figure_says_so(given, tables):
    study = given(objectives=["accuracy", "retrieval"])
    figure = tradeoff_figure(tables(study)[0], study.spec)
    assert figure.layout.annotations[0].text == "no trial is complete yet"
