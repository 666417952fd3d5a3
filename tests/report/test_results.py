"""The three forms of the results, read back by somebody else's parser."""

import io
import json
import math

import pandas as pd
import pytest

from sweeper.registry.setting import Setting
from sweeper.report.results import print_csv, print_json, print_table


@pytest.fixture
def mixed(make_study, put, outcome_of):
    """A study with a trial of every kind."""
    opened = make_study()
    put(opened, 0, values={"accuracy": [0.5, 0.6]})
    put(opened, 1, values={"accuracy": [0.7, 0.8]}, setting=Setting("arcface", m2=-0.1, scale=4.0))
    put(opened, 2, "pruned", values={"accuracy": [0.2, 0.3]})
    put(opened, 3, "failed", cause="non-finite: the loss of epoch 1 with seed 0, 1")
    put(opened, 4, "failed", cause="lost")
    put(opened, "softmax", values={"accuracy": [0.4, 0.5]}, setting=Setting("softmax"))
    put(opened, "arcface", values={"accuracy": [0.1, 0.1]}, setting=Setting("arcface", m2=0.5))
    return outcome_of(opened)


def test_a_trial_that_was_interrupted_is_called_so_in_every_line(
    make_study, put, outcome_of, capsys
):
    opened = make_study()
    put(opened, 0, values={"accuracy": (0.7, 0.8)})
    put(opened, 1, "failed", cause="interrupted")
    put(opened, 2, "failed", cause="killed: status -9")
    print_table(outcome_of(opened))
    out = capsys.readouterr().out
    assert "1 complete trial of 10 (1 interrupted, 1 killed); mean" in out
    assert "not finished, and queued again: 1 interrupted, 1 killed" in out
    assert "lost" not in out


def test_json(mixed, capsys):
    print_json(mixed)
    captured = capsys.readouterr()
    assert captured.err == ""
    content = json.loads(captured.out)
    assert list(content) == [
        *("study", "kind", "objectives", "budget", "states", "best", "trials"),
        *("controls", "imbalance", "chance", "unbeaten", "as_good", "outlook"),
        *("confirmation", "published"),
    ]
    assert content["study"] == "mine"
    assert content["kind"] == "search"
    assert content["objectives"] == ["accuracy"]
    assert content["budget"] == 10
    assert content["states"] == {
        "complete": 2,
        "pruned": 1,
        "failed": 1,
        "lost": 1,
        "running": 0,
    }
    assert content["best"] == [1]
    assert content["published"] is None
    assert content["confirmation"] is None
    keys = ["state", "cause", "params", "values", "spread", "seeds"]
    assert all(list(trial) == ["number", *keys] for trial in content["trials"])
    assert all(list(control) == ["control", *keys] for control in content["controls"])
    assert [trial["number"] for trial in content["trials"]] == [0, 1, 2, 3, 4]
    best = content["trials"][1]
    assert best["params"] == {
        "loss": "arcface",
        "m2": -0.1,
        "scale": 4.0,
        "lr": 1e-3,
        "weight_decay": 0.0,
    }
    assert best["values"]["accuracy"] == pytest.approx(0.75)
    assert best["spread"]["accuracy"] == pytest.approx(0.1 / math.sqrt(2))
    assert best["seeds"] == [{"seed": 0, "accuracy": 0.7}, {"seed": 1, "accuracy": 0.8}]
    assert content["trials"][3]["values"] == {"accuracy": None}
    assert content["trials"][3]["cause"].startswith("non-finite")
    softmax = content["controls"][1]
    assert softmax["control"] == "softmax"
    assert set(softmax["params"]) == {"loss", "lr", "weight_decay"}


@pytest.mark.parametrize("kind", ["search", "experiment"])
def test_an_option_is_shown_at_its_default_too(make_study, put, outcome_of, capsys, kind):
    settings = [{"loss": "arcface", "warmup": [0.0, 0.5]}, {"loss": "softmax"}]
    search = {"space": {"warmup": {"low": 0, "high": 1}}}
    opened = make_study(**(search if kind == "search" else {"kind": kind, "settings": settings}))
    put(opened, 0, values={"accuracy": [0.5, 0.6]}, setting=Setting("arcface"))
    put(opened, "softmax", values={"accuracy": [0.4, 0.5]}, setting=Setting("softmax"))
    outcome = outcome_of(opened)
    print_json(outcome)
    content = json.loads(capsys.readouterr().out)
    names = ["loss", "m2", "scale", "warmup", "lr", "weight_decay"]
    assert list(content["trials"][0]["params"]) == names
    assert content["trials"][0]["params"]["warmup"] == 0
    assert "warmup" not in content["controls"][0]["params"]
    print_csv(outcome)
    warmup = pd.read_csv(io.StringIO(capsys.readouterr().out))["warmup"]
    assert warmup[0] == 0
    assert pd.isna(warmup[1])


def test_csv(mixed, capsys):
    print_csv(mixed)
    table = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert list(table.columns) == [
        *("number", "control", "state", "cause", "loss"),
        *("m1", "m2", "m3", "scale", "lr", "weight_decay"),
        *("accuracy", "accuracy_std", "seeds"),
    ]
    assert len(table) == 7
    assert table["number"].tolist()[:5] == [0, 1, 2, 3, 4]
    assert table["control"].tolist()[5:] == ["arcface", "softmax"]
    assert table["accuracy"][1] == pytest.approx(0.75)
    assert table["accuracy_std"][1] == pytest.approx(0.1 / math.sqrt(2))
    assert table["cause"][3] == "non-finite: the loss of epoch 1 with seed 0, 1"
    assert pd.isna(table["accuracy"][3])
    softmax = table[table["loss"] == "softmax"]
    assert softmax[["m1", "m2", "m3", "scale"]].isna().all(axis=None)


def test_table(mixed, capsys):
    print_table(mixed)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["m2", "scale", "accuracy"]
    cells = [line.split("  ") for line in lines[1:5]]
    assert [row[0] for row in cells] == ["trial 1", "trial 0", "arcface", "softmax"]
    assert "75.0 ± 7.1 %" in lines[1]
    assert lines[5].startswith(
        "2 complete trials of 10 (1 pruned, 1 failed, 1 lost); mean ± standard deviation of 2 seeds"
    )
    assert lines[5].endswith("validation data")
    assert "trial 3 failed: non-finite: the loss of epoch 1 with seed 0, 1" in lines
    assert lines[-1].startswith("The best of 2 trials is selected on the figures shown")


@pytest.fixture
def imbalanced(make_study, put, outcome_of):
    """Two trials that disagree on which is better, and a control of an earlier version."""
    opened = make_study()
    for number, accuracy, balanced in (
        (0, [0.95, 0.96], [0.5, 0.52]),
        (1, [0.94, 0.95], [0.7, 0.72]),
    ):
        values = {"accuracy": accuracy, "balanced accuracy": balanced}
        put(opened, number, values=values | {"majority baseline": [0.9, 0.9]})
    put(opened, "softmax", values={"accuracy": [0.91, 0.92]}, setting=Setting("softmax"))
    return outcome_of(opened)


def test_balanced_accuracy_stands_beside_accuracy(imbalanced, capsys):
    story = (
        "accuracy and balanced accuracy disagree: trial 0 is best by accuracy, trial 1 by balanced "
        "accuracy, 71.0 ± 1.4 % against 51.0 ± 1.4 %"
    )
    print_table(imbalanced)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("      accuracy  balanced accuracy")
    assert lines[1].endswith("  95.5 ± 0.7 %       51.0 ± 1.4 %")
    assert lines[3].endswith("–")
    assert story in lines
    assert any(line.startswith("balanced accuracy: mean recall") for line in lines)
    print_csv(imbalanced)
    table = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert table["balanced accuracy"].round(6).tolist()[:2] == [0.51, 0.71]
    assert pd.isna(table["balanced accuracy"][2])
    print_json(imbalanced)
    content = json.loads(capsys.readouterr().out)
    assert content["imbalance"] == story
    assert content["trials"][1]["values"]["balanced accuracy"] == pytest.approx(0.71)
    assert content["trials"][1]["seeds"][0]["balanced accuracy"] == 0.7


def test_limit(mixed, capsys):
    print_table(mixed, limit=1)
    out = capsys.readouterr().out
    assert "trial 1 " in out
    assert "trial 0 " not in out
    assert "the best 1 shown" in out


def test_the_pareto_front_is_named(make_study, put, outcome_of, capsys):
    opened = make_study(objectives=["accuracy", "compactness"])
    put(opened, 0, values={"accuracy": [0.5, 0.5], "compactness": [0.2, 0.4]})
    put(opened, 1, values={"accuracy": [0.7, 0.7], "compactness": [0.6, 0.6]})
    put(opened, 2, values={"accuracy": [0.6, 0.6], "compactness": [0.9, 0.9]})
    print_table(outcome_of(opened))
    out = capsys.readouterr().out
    assert "Pareto front: trial 0, trial 1\n" in out
    assert "smaller is better" in out
    assert "flatters" not in out


def test_nothing_yet(make_study, outcome_of, capsys):
    outcome = outcome_of(make_study())
    print_table(outcome)
    assert capsys.readouterr().out == "no trial is complete yet\n"
    print_json(outcome)
    assert json.loads(capsys.readouterr().out)["best"] == []
    print_csv(outcome)
    assert len(pd.read_csv(io.StringIO(capsys.readouterr().out))) == 0


def test_infinite_values_are_still_json(make_study, put, outcome_of, capsys):
    opened = make_study(objectives=["compactness"])
    put(opened, 0, values={"compactness": [math.inf, 0.5]})
    outcome = outcome_of(opened)
    print_json(outcome)
    (trial,) = json.loads(capsys.readouterr().out)["trials"]
    assert trial["values"] == {"compactness": None, "accuracy": None}
    assert trial["seeds"][0] == {"seed": 0, "compactness": None}
    print_table(outcome)
    assert "inf" in capsys.readouterr().out


def test_published_figures_stand_beside(make_study, put, outcome_of, capsys, tmp_path):
    table = tmp_path / "print.csv"
    table.write_text("loss,scale,accuracy\narcface,30,0.991\nsoftmax,,0.988\n")
    opened = make_study(
        kind="experiment",
        settings=[{"loss": ["softmax", "arcface"]}],
        published={"table": str(table)},
    )
    put(opened, 0, values={"accuracy": [0.5, 0.5]}, setting=Setting("softmax"))
    outcome = outcome_of(opened)
    print_table(outcome)
    out = capsys.readouterr().out
    assert f"published ({table}):" in out
    assert "0.991" in out
    assert "nan" not in out
    print_json(outcome)
    content = json.loads(capsys.readouterr().out)
    assert content["published"][1] == {"loss": "softmax", "scale": None, "accuracy": 0.988}
    assert content["kind"] == "experiment"
    assert "test data" in out
