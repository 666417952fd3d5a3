"""How far a study is: a bar on a terminal, next to nothing elsewhere."""

import io

import pytest
from rich.console import Console

from sweeper.report import progress
from sweeper.report.progress import StudyProgress
from sweeper.report.study import introduction


def test_quiet_where_nobody_looks(make_study, put, capsys, monkeypatch):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    opened = make_study()
    with StudyProgress(opened) as shown:
        shown.update()
        put(opened, 0, values={"accuracy": [0.5, 0.5]})
        shown.update()
    assert capsys.readouterr() == ("", "")


def test_until_the_work_tells_the_time_left_is_what_was_expected(make_study, capsys, monkeypatch):
    monkeypatch.setattr(progress, "_QUIET", 0.0)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    for at_most in (False, True):
        with StudyProgress(make_study(name=f"s{at_most}"), 250.0, at_most) as shown:
            shown.update()
    most, least = capsys.readouterr().err.splitlines()[::-1]
    assert least == "0/10 trials, 4 min left"
    assert most == "0/10 trials, at most 4 min left"


def test_a_line_now_and_then(make_study, put, capsys, monkeypatch):
    monkeypatch.setattr(progress, "_QUIET", 0.0)
    monkeypatch.setattr(progress, "_REST", 0)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    opened = make_study()
    with StudyProgress(opened) as shown:
        shown.update()
        put(opened, 0, values={"accuracy": [0.5, 0.5]})
        put(opened, 1, values={"accuracy": [0.75, 0.75]})
        shown.update()
        for number in range(2, 10):
            put(opened, number, "pruned")
        shown.update()
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert lines[0] == "0/10 trials"
    best = ", best accuracy 75.0 ± 0.0 % with arcface (m2 0.25, scale 16)"
    assert lines[1].startswith(f"2/10 trials{best}, ")
    assert lines[1].endswith(" left")
    assert lines[2].startswith(f"10/10 trials{best}, ")  # the controls are left


@pytest.mark.parametrize("count", [1, 2])
def test_several_objectives(count, make_study, put, capsys, monkeypatch):
    monkeypatch.setattr(progress, "_QUIET", 0.0)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    opened = make_study(objectives=["accuracy", "compactness"])
    for number in range(count):
        values = {"accuracy": [0.5 + number / 10] * 2, "compactness": [0.5 + number / 10] * 2}
        put(opened, number, values=values)
    with StudyProgress(opened) as shown:
        shown.update()
    assert capsys.readouterr().err == f"{count}/10 trials, {count} on the Pareto front\n"


def test_a_bar_on_a_terminal(make_study, put, capsys, monkeypatch):
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=200)
    monkeypatch.setattr(progress, "Console", lambda stderr: terminal)
    opened = make_study()
    put(opened, 0, values={"accuracy": [0.5, 0.5]})
    with StudyProgress(opened) as shown:
        shown.update()
        shown.bar.refresh()
    assert "mine" in screen.getvalue()
    assert "1/10 trials" in screen.getvalue()
    assert "━" in screen.getvalue()
    assert capsys.readouterr() == ("", "")


def test_introduction(make_study):
    opened = make_study(objectives=["retrieval"])
    lines = introduction(opened, new=True).splitlines()
    assert lines[0] == "new search mine: retrieval of arcface on digits[per_class=20]"
    split = opened.task.split
    assert lines[1] == (
        f"10 trials × 2 seeds × 2 epochs, net compact, {split.images_per_epoch} images of "
        f"{len(split.trained_classes)} classes for training"
    )
    assert lines[2] == (
        f"images of held-out classes, for retrieval: {len(split.held_out_validation)} for "
        "validation, another fold of the classes for each seed (2 of 4 folds, by as many seeds), "
        f"{len(split.held_out_test)} for testing"
    )
    assert len(split.folds) == 4
    every = make_study(name="every", objectives=["retrieval"], seeds=4)
    assert "another fold of the classes for each seed, " in introduction(every, new=True)
    opened = make_study(name="both", objectives=["retrieval", "accuracy"])
    split = opened.task.split
    spared = f", {len(split.validation)} for validation"
    spared += f", {len(split.test)} of the same classes for testing"
    assert introduction(opened, new=True).splitlines()[1].endswith(f"for training{spared}")
    few = make_study(name="few", dataset="digits[classes=0-3, per_class=20]")
    assert len(few.task.split.validation) == 16
    assert "note: 16 samples to choose by, each of which weighs 6.2 points: " in introduction(
        few, new=True
    )
    enough = make_study(name="enough", dataset="digits[per_class=60]")
    assert "to choose by" not in introduction(enough, new=True)
    raced = make_study(name="raced", pruner="racing")
    assert introduction(raced, new=True).splitlines()[2] == (
        "poor trials are stopped early by racing: what its seeds tell apart from the best at a rung"
    )
    other = make_study(name="fixed", kind="experiment", settings=[{"loss": "softmax"}])
    assert introduction(other, new=False).startswith("resuming experiment fixed: accuracy of")
