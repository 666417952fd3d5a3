"""Published figures find their settings, and chance is what a simulation says it is."""

import io
import math

import numpy as np
import pandas as pd
import pytest

from sweeper.report.page.published import Beside, beside
from sweeper.report.page.published_tables import published_figures, published_page_table


def frame(text):
    return pd.read_csv(io.StringIO(text))


@pytest.fixture
def study(experiment, train, reported):
    opened = experiment()
    train(opened)
    return reported(opened)


def test_each_figure_finds_its_setting(study):
    entries, why = published_figures(study)
    assert why == ""
    found = [(e.losses, e.stated, e.row.record.number if e.row else None) for e in entries]
    assert found == [
        ("softmax", {"lr": 0.001}, 0),
        ("arcface", {"m2": 0.1, "m3": 0.0}, 2),
        ("arcface", {"m2": 0.2, "m3": 0.0}, 3),
        ("arcface", {"m2": 0.3, "m3": 0.0}, None),
    ]
    assert [entry.value for entry in entries] == pytest.approx([0.9, 0.999, 0.92, 0.91])
    assert entries[3].remarks == ("not a setting of this study",)
    assert entries[0].mean == pytest.approx(study.rows[0].values["accuracy"])


def test_what_is_not_stated_matches_every_setting(study):
    entries = beside(study, frame("loss,accuracy\nsoftmax,0.9\n"))
    assert [entry.row.record.number for entry in entries] == [0, 1]
    assert {entry.value for entry in entries} == {0.9}  # a share that is no percentage


def test_a_setting_that_is_still_to_be_trained(experiment, reported):
    (entry,) = beside(reported(experiment()), frame("loss,m2,accuracy\narcface,0.1,99.0\n"))
    assert entry.remarks == ("not trained yet",)
    assert math.isnan(entry.mean)
    assert entry.is_inside is None


def test_terms_go_by_any_spelling(experiment, train, reported):
    settings = [{"loss": "softmax", "beside": ["soft-nearest-neighbor"]}]
    opened = experiment(settings=settings)
    train(opened)
    text = "loss,accuracy\nsoftmax+soft-nearest-neighbour,90\nsoftmax + center,91\n"
    first, second = beside(reported(opened), frame(text))
    assert first.row.record.number == 0
    assert second.row is None


def test_rows_of_other_tasks_are_left_out_and_another_task_is_said(study):
    text = "loss,lr,dataset,epochs,accuracy\nsoftmax,0.001,digits,2,90\nsoftmax,0.001,digits,7,91\n"
    (entry,) = beside(study, frame(text))
    assert entry.value == 0.9
    assert entry.remarks == ("dataset digits, here digits[per_class=20]",)
    text = "loss,lr,dataset,epochs,model,accuracy\nsoftmax,0.001,mnist,100,lenet,90\n"
    (entry,) = beside(study, frame(text))
    net = study.outcome.summary.study.task.net
    assert entry.remarks == (
        "dataset mnist, here digits[per_class=20]",
        f"model lenet, here {net}",
        "epochs 100, here 2",
    )
    assert beside(study, frame("loss,dataset,accuracy\nsoftmax,a,1\nsoftmax,b,2\n")) == []


def test_figures_of_a_class_and_of_another_split(study):
    text = "loss,lr,split,class,plain_spread\nsoftmax,0.001,test,3,0.5\nsoftmax,0.001,train,3,0.6\n"
    of_test, of_train = beside(study, frame(text))
    assert of_test.mean == pytest.approx(0.4)
    assert of_test.setting.endswith(", class 3")
    assert of_train.row is None
    assert of_train.remarks == ("of train data, ours are of test data",)


def test_the_best_of_several_runs(study):
    (entry,) = beside(study, frame("loss,lr,runs,max_accuracy\nsoftmax,0.001,10,90.5\n"))
    values = [seed.values["accuracy"] for seed in study.rows[0].record.seeds]
    assert entry.mean == max(values)
    assert math.isnan(entry.reach)
    table = published_page_table([entry])
    assert table.rows[0][1] == "best accuracy"


@pytest.mark.parametrize("runs", [1, 10])
def test_chance_puts_nineteen_of_twenty_inside(runs):
    generator = np.random.default_rng(0)
    trials, seeds, inside = 2000, 5, 0
    for _ in range(trials):
        ours = dict(enumerate(generator.normal(0.9, 0.01, seeds).tolist()))
        value = float(generator.normal(0.9, 0.01, runs).mean())
        entry = Beside("softmax", {}, None, "accuracy", False, value, runs, None, ours, ())
        inside += bool(entry.is_inside)
    assert inside / trials == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / trials))


def test_the_table(study):
    table = published_page_table(published_figures(study)[0])
    cells = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    assert cells[0]["setting"] == "softmax, lr 0.001"
    assert cells[1]["published"] == "99.90 %"
    assert cells[1]["explained by chance"] == "no"
    assert cells[1]["ours − published"].startswith("−7.")
    assert cells[3]["ours"] == "not run"
    assert any("published figures are where chance alone" in note for note in table.notes)
    read = pd.read_csv(io.StringIO(table.to_csv()))
    assert read["published"].tolist() == pytest.approx([0.9, 0.999, 0.92, 0.91])
    half = read["high"] - read["difference"]
    assert (
        read["explained_by_chance"].iloc[:3].astype(bool) == (read["difference"].abs() <= half)[:3]
    ).all()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b\n1,2\n", "has no column 'loss'"),
        ("loss,dataset,accuracy\nsoftmax,a,1\nsoftmax,b,2\n", "has no figures of this data set"),
    ],
)
def test_why_there_are_none(experiment, reported, text, why):
    entries, said = published_figures(reported(experiment(published=text)))
    assert entries == []
    assert why in said
