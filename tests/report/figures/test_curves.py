"""Learning curves against means and deviations computed by hand."""

import math
import statistics

import numpy as np
import pytest

from sweeper.report.figures import curves_figure
from sweeper.store import EpochRecord


def curve(*points):
    return tuple(EpochRecord(epoch, *point) for epoch, point in enumerate(points, start=1))


@pytest.fixture
def search(given, setting):
    """Eight trials; trial k has the accuracy (k * 3 % 8) / 10, so the best is trial 5."""
    study = given()
    for k in range(8):
        value = (k * 3 % 8) / 10
        curves = [curve((3 + k, value / 2), (2.0, value)), curve((4 + k, value / 3), (1.0, value))]
        study.add(setting(m2=k / 10, scale=8.0), curve=curves, accuracy=(value, value + 0.02))
    study.add(control="softmax", accuracy=(0.3, 0.4))
    return study


def lines(figure, start, xaxis="x"):
    return [t for t in figure.data if (t.name or "").startswith(start) and t.xaxis == xaxis]


def test_lines_are_means_over_seeds(search, tables):
    table, curves = tables(search)
    figure = curves_figure(curves, table, search.spec)
    (accuracy,) = lines(figure, "best, trial 5: m2 0.5, m3 0, scale 8")
    assert accuracy.x == (1, 2)
    assert accuracy.y == pytest.approx([100 * statistics.fmean((0.35, 0.7 / 3)), 70], rel=1e-6)
    (loss,) = lines(figure, "best, trial 5", "x2")
    assert loss.y == pytest.approx([8.5, 1.5], rel=1e-6)


def test_bands_are_one_deviation_to_either_side(search, tables):
    table, curves = tables(search)
    figure = curves_figure(curves, table, search.spec)
    (line,) = lines(figure, "best, trial 5", "x2")
    (band,) = (
        t for t in figure.data if t.fill and t.legendgroup == line.legendgroup and t.xaxis == "x2"
    )
    spread = statistics.stdev((8, 9)), statistics.stdev((2, 1))
    assert band.y == pytest.approx(
        [8.5 + spread[0], 1.5 + spread[1], 1.5 - spread[1], 8.5 - spread[0]], rel=1e-6
    )


def test_the_best_the_controls_the_middle_and_the_worst_are_shown_in_this_order(search, tables):
    table, curves = tables(search)
    figure = curves_figure(curves, table, search.spec)
    shown = sorted((t for t in figure.data if t.showlegend), key=lambda t: t.legendrank)
    names = [t.name.partition(": ")[0] for t in shown]
    assert names == [
        *("best, trial 5", "second, trial 2", "third, trial 7"),
        *("plain softmax", "middle, trial 6", "worst, trial 0"),
    ]


def test_few_trials_are_no_ones_worst(given, setting, tables):
    study = given()
    study.add(setting(m2=0.1), accuracy=(0.5, 0.6))
    table, curves = tables(study)
    shown = [t.name for t in curves_figure(curves, table, study.spec).data if t.showlegend]
    assert shown == ["best, trial 0: m2 0.1, m3 0, scale 64"]


def test_the_loss_is_logarithmic_unless_it_reaches_zero(given, setting, tables, search):
    table, curves = tables(search)
    axis = curves_figure(curves, table, search.spec).layout.yaxis2
    assert axis.type == "log"
    assert axis.tickvals == (0.5, 1, 2, 5, 10, 20)
    zero = curves.assign(train_loss=0.0)
    assert curves_figure(zero, table, search.spec).layout.yaxis2.type is None


def test_a_curve_without_accuracies_or_with_an_endless_loss_is_drawn(given, setting, tables):
    study = given()
    one = curve((math.inf, None), (1.0, None))
    study.add(setting(), curve=[one, one], accuracy=(0.5, 0.6))
    table, curves = tables(study)
    figure = curves_figure(curves, table, study.spec)
    (loss,) = lines(figure, "best", "x2")
    assert loss.y[1] == 1
    assert np.isnan(lines(figure, "best")[0].y).all()


def test_one_seed_has_no_band(given, setting, tables):
    study = given(seeds=1)
    study.add(setting(), accuracy=(0.5,))
    table, curves = tables(study)
    figure = curves_figure(curves, table, study.spec)
    assert all(len(t.x) == 0 for t in figure.data if t.fill)
    assert figure.layout.title.subtitle.text.startswith("one seed")


def test_without_a_trial_the_figure_says_so(given, tables):
    study = given()
    table, curves = tables(study)
    figure = curves_figure(curves, table, study.spec)
    assert figure.layout.annotations[0].text == "no trial is complete yet"
