"""What is said of a confirmation."""

import math

import pytest
from scipy.stats import ttest_rel

from sweeper.registry.setting import Setting
from sweeper.report.confirmation import print_confirmation
from sweeper.store import Confirmation

NAN = math.nan


SETTINGS = {
    0: Setting("arcface", m2=0.25, scale=16.0),
    1: Setting("arcface", m2=0.5, scale=8.0),
    2: Setting("arcface", m2=0.75, scale=4.0),
    "softmax": Setting("softmax"),
    "arcface": Setting("arcface", m2=0.5),
}


def by_seed(*values):
    return {"accuracy": dict(enumerate(values, 4))}


@pytest.fixture
def lines(capsys):
    def shown(softmax=(0.5, 0.6, 0.4)):
        values = {
            0: {"validation": by_seed(0.7, 0.6, 0.5)},
            1: {"validation": by_seed(0.9, 0.8, 0.7), "test": by_seed(0.8, 0.75, 0.7)},
            2: {"validation": by_seed(0.9, NAN, 0.9)},
            "softmax": {"validation": by_seed(*softmax), "test": by_seed(*softmax)},
            "arcface": {"validation": by_seed(0.5, 0.5, 0.5), "test": by_seed(0.7, 0.65, 0.6)},
        }
        print_confirmation(Confirmation(1, 3, values), ("accuracy",), SETTINGS)
        captured = capsys.readouterr()
        assert captured.err == ""
        return captured.out.splitlines()

    return shown


def test_the_table(lines):
    rows = [line.split("  ") for line in lines()]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells[0] == ["setting", "validation accuracy", "test accuracy"]
    assert cells[1] == [
        *("trial 1, the winner", "arcface (m2 0.5, scale 8)", "80.0 ± 10.0 %", "75.0 ± 5.0 %")
    ]
    assert cells[2] == ["trial 0", "arcface (m2 0.25, scale 16)", "60.0 ± 10.0 %", "–"]
    assert cells[3] == ["trial 2", "arcface (m2 0.75, scale 4)", "90.0 ± 0.0 %", "–"]
    assert [row[0] for row in cells[4:6]] == ["softmax", "arcface"]


def test_the_lines_under_it(lines):
    notes = lines()[6:]
    assert notes[0].startswith("mean ± standard deviation of 3 new seeds")
    assert notes[1].startswith("trial 2: diverged with seed 5, left out of its means")
    result = ttest_rel([0.8, 0.75, 0.7], [0.5, 0.6, 0.4])
    low, high = result.confidence_interval(0.95)
    assert notes[2] == (
        f"winner minus softmax, test accuracy: +25.00 points, 95 % interval {100 * low:+.2f} "
        f"points to {100 * high:+.2f} points, p = {result.pvalue:.2g} (paired t-test, 3 seeds)"
    )
    assert notes[3] == (
        "winner minus arcface, test accuracy: +10.00 points with each of 3 seeds, so no test is "
        "possible"
    )
    assert notes[4].startswith("The intervals cover only the variation between seeds: ")
    assert notes[5:] == [
        "trial 1 beat plain softmax on test data by 25.00 points, more than its noise",
        "exported: trial 1 with seed 4, the best of the trials by accuracy on validation data",
    ]


def test_a_control_that_diverged(lines):
    some = next(line for line in lines((0.5, NAN, 0.4)) if line.startswith("winner minus softmax"))
    assert some.endswith(
        "with each of 2 seeds, so no test is possible; without seed 5, which diverged or collapsed"
    )
    shown = lines((NAN, NAN, NAN))
    assert next(line for line in shown if line.startswith("softmax ")).count("diverged") == 2
    assert any(
        "cannot be compared, no seed is left; without seed 4, 5, 6, which diverged" in line
        for line in shown
    )


def test_a_collapse_is_shown_and_takes_no_part_in_the_test(capsys):
    def of(*compactness):
        accuracy = dict.fromkeys(range(4, 7), 0.5)
        return {"compactness": dict(enumerate(compactness, 4)), "accuracy": accuracy}

    values = {
        0: {"validation": of(0.2, 0.3, 0.4), "test": of(0.2, 0.3, 0.4)},
        "softmax": {"validation": of(0.5, math.inf, 0.5), "test": of(0.5, math.inf, 0.6)},
    }
    print_confirmation(Confirmation(0, 3, values), ("compactness",), SETTINGS)
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("softmax ")).count(" inf ") == 2
    (compared,) = (line for line in lines if line.startswith("winner minus softmax"))
    expected = ttest_rel([0.2, 0.4], [0.5, 0.6]).pvalue
    assert compared.startswith(
        "winner minus softmax, test compactness: -0.2500 (smaller is better)"
    )
    assert f"p = {expected:.2g} (paired t-test, 2 seeds)" in compared
    assert compared.endswith("; without seed 5, which diverged or collapsed")


def test_learning_rates_are_shown_where_they_differ(capsys):
    settings = {0: Setting("arcface", m2=0.25, lr=0.01), "softmax": Setting("softmax", lr=0.003)}
    values = {label: {"validation": by_seed(0.5), "test": by_seed(0.5)} for label in settings}
    print_confirmation(Confirmation(0, 1, values), ("accuracy",), settings)
    out = capsys.readouterr().out
    assert " arcface (m2 0.25, scale 64), lr 0.01 " in out
    assert " softmax, lr 0.003 " in out
    assert "weight_decay" not in out
