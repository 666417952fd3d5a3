"""One trial in detail, against the numbers that were put into the store."""

import csv
import io
import json
import math

import pytest
from sqlalchemy import text

from sweeper.errors import UsageError
from sweeper.registry.setting import Setting
from sweeper.report import trial
from sweeper.report.study_results import StudyResults
from sweeper.store import (
    ClassRecord,
    EpochRecord,
    SeedRecord,
    TrialRecord,
    find_study,
    record_trial,
)
from sweeper.study.study_file import StudySpec

SIGMA2R = Setting.of("softmax", {}, ["sigma2r"])


def seed(number, confusion, recall, growth=None):
    classes = tuple(ClassRecord(i, r, 0.1 * (i + 1), 2.0 + i) for i, r in enumerate(recall))
    told = {} if growth is None else {"sigma2r.growth": growth}
    curve = (EpochRecord(1, 2.0, 0.1, told), EpochRecord(2, 1.0, 0.2, told))
    values = {"accuracy": 0.5 + 0.1 * number, "calibration error": 0.1, "TAR at FAR 0.01": 0.25}
    return SeedRecord(number, values, curve, classes, confusion)


@pytest.fixture
def stored(make_study, outcome_of):
    """Store one trial of a study on two classes, and return what came out."""

    def store(setting, *seeds):
        opened = make_study(dataset="digits[classes=0-1, per_class=20]")
        record = TrialRecord(setting, "complete", number=0, epochs=2, seeds=seeds)
        record_trial(opened.database, opened.stored.id, record, opened.stored.split)
        return outcome_of(opened)

    return store


@pytest.fixture
def outcome(stored):
    seeds = (
        seed(0, ((0, 0, 3), (0, 1, 1), (1, 1, 4)), (0.75, 1.0), (0.5, -1.0)),
        seed(1, ((0, 0, 4), (1, 1, 2), (1, 0, 2)), (1.0, 0.5), (1.5, -2.0)),
    )
    return stored(SIGMA2R, *seeds)


def test_each_class_is_a_mean_over_seeds(outcome):
    row = trial.find_row(outcome, "0")
    one, other = trial.class_results(outcome, row)
    assert (one.recall, other.recall) == (0.875, 0.75)
    assert one.precision == pytest.approx((1.0 + 4 / 6) / 2)
    assert other.precision == pytest.approx((4 / 5 + 1.0) / 2)
    assert (one.spread, one.plain_spread) == (pytest.approx(0.1), 2.0)
    assert (one.last, other.last) == ({"sigma2r.growth": 1.0}, {"sigma2r.growth": -1.5})


def test_json_has_the_matrix_of_each_seed(outcome, capsys):
    trial.print_json_of(outcome, trial.find_row(outcome, "0"))
    content = json.loads(capsys.readouterr().out)
    assert content["setting"] == "softmax + sigma2r (lambda 0.01, n_neighbors 7, z 40)"
    assert [of["matrix"] for of in content["confusion"]] == [[[3, 1], [0, 4]], [[4, 0], [2, 2]]]
    assert content["values"]["accuracy"] == pytest.approx(0.55)
    assert content["classes"][1]["sigma2r.growth"] == -1.5
    assert content["class_curves"]["sigma2r.growth"][1] == {
        "seed": 1,
        "epochs": [[1.5, -2.0], [1.5, -2.0]],
    }


def test_the_table_shows_measures_classes_and_confusions(outcome, capsys):
    trial.print_table_of(outcome, trial.find_row(outcome, "0"))
    said = capsys.readouterr().out
    assert "25.0 ± 0.0 %" in said
    assert "growth" in said
    assert "mean gap between confidence and accuracy" in said
    assert "\nspread: standard deviation of the embeddings" in said
    (row,) = [line.split() for line in said.splitlines() if line.split()[:1] == ["1"]][-1:]
    assert row[-2:] == ["2", "6"]


def test_classes_without_values_are_not_listed(make_study, outcome_of, capsys):
    opened = make_study(dataset="digits[per_class=20]", objectives=["retrieval"])
    nothing = tuple(ClassRecord(i, math.nan, math.nan, math.nan) for i in range(4))
    of_seed = SeedRecord(0, {"retrieval": 0.5}, (), nothing, ())
    record = TrialRecord(Setting("softmax"), "complete", number=0, epochs=2, seeds=(of_seed,))
    record_trial(opened.database, opened.stored.id, record, opened.stored.split)
    outcome = outcome_of(opened)
    trial.print_table_of(outcome, trial.find_row(outcome, "0"))
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "no values by class were measured; retrieval compares images of held-out classes"


def test_csv_has_a_line_a_class(outcome, capsys):
    trial.print_csv_of(outcome, trial.find_row(outcome, "0"))
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [float(line["recall"]) for line in lines] == [0.875, 0.75]
    own = ["class", "recall", "precision", "spread", "plain_spread"]
    assert list(lines[0]) == [*own, "sigma2r.growth"]


def test_many_classes_are_told_by_what_is_confused_most(stored, capsys):
    outcome = stored(Setting("softmax"), seed(0, ((3, 4, 9), (5, 5, 8), (7, 8, 2)), [0.5] * 30))
    trial.print_table_of(outcome, trial.find_row(outcome, "0"))
    said = capsys.readouterr().out
    # The data set has two classes: these are numbers among those trained on.
    assert [" ".join(line.split()) for line in said.splitlines()[-2:]] == [
        "class 3 class 4 9",
        "class 7 class 8 2",
    ]


def retrieved(make_study, without=None):
    """A study with held-out classes and a trial; the names of seed 0's trained classes too."""
    opened = make_study(objectives=["retrieval"])
    if without is not None:  # what a version that did not keep them stored
        with opened.database.session() as session:
            session.execute(text("UPDATE sweeper_studies SET spec = :spec"), {"spec": without})
    trained = opened.task.split.trained_classes
    own = (seed(0, (), [0.5] * len(trained)),)
    record = TrialRecord(Setting("softmax"), "complete", number=0, epochs=2, seeds=own)
    record_trial(opened.database, opened.stored.id, record, opened.stored.split)
    names = [opened.task.dataset.class_names[i] for i in trained]
    return find_study(opened.database, "mine"), names


def test_the_trained_classes_have_their_names_where_others_are_held_out(
    make_study, sqlite_database, capsys
):
    study, names = retrieved(make_study)
    outcome = StudyResults.load(sqlite_database, study)
    assert names != list("0123456789")[: len(names)]
    trial.print_json_of(outcome, trial.find_row(outcome, "0"))
    assert [of["name"] for of in json.loads(capsys.readouterr().out)["classes"]] == names


def test_classes_that_only_some_seeds_train_are_means_over_those(
    make_study, sqlite_database, capsys
):
    opened = make_study(objectives=["retrieval", "accuracy"])
    folds = [each.trained_classes for each in opened.task.split.folds]
    grown = [tuple(float(c) for c in fold) for fold in folds[:2]]  # w of a class is its number
    seeds = [
        seed(s, ((0, 0, 2), (0, 1, 1), (1, 1, 3)), [0.1 * c for c in folds[s]], grown[s])
        for s in (0, 1)
    ]
    record = TrialRecord(SIGMA2R, "complete", number=0, epochs=2, seeds=tuple(seeds))
    record_trial(opened.database, opened.stored.id, record, opened.stored.split)
    outcome = StudyResults.load(sqlite_database, find_study(opened.database, "mine"))
    row = trial.find_row(outcome, "0")
    trained = sorted({*folds[0], *folds[1]})
    assert len(trained) > len(folds[0])
    found = {of.name: of for of in trial.class_results(outcome, row)}
    assert list(found) == [opened.task.dataset.class_names[c] for c in trained]
    for c in trained:
        of = found[opened.task.dataset.class_names[c]]
        assert of.recall == pytest.approx(0.1 * c)
        assert of.last["sigma2r.growth"] == c
    trial.print_json_of(outcome, row)
    content = json.loads(capsys.readouterr().out)
    for s, of in enumerate(content["confusion"]):
        first, second = (trained.index(c) for c in folds[s][:2])
        assert len(of["matrix"]) == len(trained)
        assert of["matrix"][first][first] == 2
        assert of["matrix"][first][second] == 1
        assert of["matrix"][second][second] == 3
        last = content["class_curves"]["sigma2r.growth"][s]["epochs"][-1]
        assert last == [c if c in folds[s] else None for c in trained]


def test_a_study_stored_with_one_set_of_trained_classes_names_them(make_study, sqlite_database):
    """As before each seed had a fold of its own."""
    opened = make_study(objectives=["retrieval"])
    content = json.loads(opened.stored.spec)
    content["loaded"] = {"trained_classes": [8, 3, 5, 1]}
    with opened.database.session() as session:
        session.execute(
            text("UPDATE sweeper_studies SET spec = :spec"), {"spec": json.dumps(content)}
        )
    own = (seed(0, (), [0.5, 0.25, 0.125, 1.0]),)
    record = TrialRecord(Setting("softmax"), "complete", number=0, epochs=2, seeds=own)
    record_trial(opened.database, opened.stored.id, record, opened.stored.split)
    outcome = StudyResults.load(sqlite_database, find_study(opened.database, "mine"))
    row = trial.find_row(outcome, "0")
    assert [of.name for of in trial.class_results(outcome, row)] == ["8", "3", "5", "1"]
    assert "accuracy" in row.values  # which was measured of retrieval alone, too


def test_a_study_stored_without_its_trained_classes_numbers_them(make_study, sqlite_database):
    content = {"name": "mine", "dataset": "digits[per_class=20]", "objectives": ["retrieval"]}
    space = {"scale": {"low": 2, "high": 128}}
    spec = StudySpec.from_content({**content, "space": space}, "test")
    study, names = retrieved(make_study, spec.to_json())
    outcome = StudyResults.load(sqlite_database, study)
    found = [of.name for of in trial.class_results(outcome, trial.find_row(outcome, "0"))]
    assert found == [f"class {i}" for i in range(len(names))]


def test_a_class_that_nothing_was_put_in_has_no_precision(stored):
    outcome = stored(Setting("softmax"), seed(0, ((0, 0, 4), (1, 0, 4)), (1.0, 0.0)))
    assert math.isnan(trial.class_results(outcome, trial.find_row(outcome, "0"))[1].precision)


def test_a_trial_that_is_not_there(outcome):
    with pytest.raises(UsageError, match="no finished trial '7'; it has 1 trial, numbered from 0"):
        trial.find_row(outcome, "7")
