"""The figure of the map of tasks, against what it is drawn from."""

import math

import numpy as np
import pytest

from sweeper.report.figures.task_map import MappedTask, task_map_figure
from sweeper.repository.task_map import MapAxis, TaskMap

AXIS = MapAxis(0.4, ("a",), ("b",))
PLACES = TaskMap({"one": (0.0, 1.0), "two": (2.0, 3.0), "<b>": (4.0, 5.0)}, (AXIS, AXIS))
TASKS = [
    MappedTask("one", "scratch", "arcface (scale 16)", 16.0, 0.02, "/sweep/repository/one"),
    MappedTask("two", "frozen", "softmax", None, 0.0, "/sweep/repository/two"),
    MappedTask("<b>", "frozen", "cosface (scale 64)", 64.0, math.nan, "/sweep/repository/%3Cb%3E"),
]


def drawn(figure):
    """The points by their link: x, y, color, symbol."""
    found = {}
    for trace in figure.data:
        for number, data in enumerate(trace.customdata or ()):
            color = trace.marker.color
            is_colored = trace.marker.coloraxis is not None
            found[data[0]] = (
                trace.x[number],
                trace.y[number],
                color[number] if is_colored else None,
                trace.marker.symbol,
            )
    return found


def legend(figure):
    return [trace.name for trace in figure.data if trace.showlegend is not False]


def test_a_task_stands_at_its_place_in_the_color_of_its_scale():
    figure = task_map_figure(PLACES, TASKS, "accuracy", "scale")
    assert drawn(figure) == {
        "/sweep/repository/one": (0.0, 1.0, pytest.approx(math.log10(16)), "circle"),
        "/sweep/repository/two": (2.0, 3.0, None, "square-open"),
        "/sweep/repository/%3Cb%3E": (4.0, 5.0, pytest.approx(math.log10(64)), "square"),
    }
    assert figure.layout.coloraxis.colorbar.title.text == "best scale"
    assert list(figure.layout.coloraxis.colorbar.ticktext) == ["16", "32", "64"]
    assert legend(figure) == ["scratch", "frozen", "hollow: plain softmax is best"]


def test_or_of_its_gain():
    figure = task_map_figure(PLACES, TASKS, "accuracy", "gain")
    colors = {link.rpartition("/")[2]: color for link, (_, _, color, _) in drawn(figure).items()}
    assert colors == {"one": pytest.approx(2.0), "two": 0.0, "%3Cb%3E": None}
    assert figure.layout.coloraxis.colorbar.title.text == "gain (points)"
    assert legend(figure)[-1] == "hollow: gain not known"
    percent = task_map_figure(PLACES, TASKS, "compactness", "gain")
    assert percent.layout.coloraxis.colorbar.title.text == "gain (%)"


def test_a_point_says_what_it_is_as_text():
    figure = task_map_figure(PLACES, TASKS, "accuracy", "scale")
    said = {data[1]: tuple(data[2:]) for trace in figure.data for data in trace.customdata or ()}
    assert said == {
        "one": ("arcface (scale 16)", "+2.0 points over plain softmax"),
        "two": ("softmax", "0.0 points over plain softmax"),
        "&lt;b&gt;": ("cosface (scale 64)", "gain not known"),
    }


def test_a_few_tasks_far_off_leave_the_others_their_colors():
    places = TaskMap({f"{i}": (i, i) for i in range(101)}, (AXIS, AXIS))
    gains = [*np.linspace(0, 0.1, 100), 5.0]
    tasks = [MappedTask(f"{i}", "scratch", "", 2.0, gain, "") for i, gain in enumerate(gains)]
    axis = task_map_figure(places, tasks, "accuracy", "gain").layout.coloraxis
    assert 9 < axis.cmax < 11


def test_nothing_measured_is_an_empty_map():
    assert len(task_map_figure(PLACES, [], "accuracy", "gain").data) == 0
