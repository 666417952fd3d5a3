"""Confusion matrices, errors and curves of classes."""

import pandas as pd
import pytest

from sweeper.report.page.classes import confusions, curves_of_classes
from sweeper.report.page.files import Files
from sweeper.store import ClassRecord, EpochRecord, SeedRecord, TrialRecord, record_trial


def test_false_positives_and_negatives(experiment, train, reported):
    opened = experiment()
    # Of each class one sample in ten goes to the next one under softmax, three under ArcFace.
    train(opened, validation=(0.8, 0.7, 0.8, 0.7))
    files = Files({})
    (figure,), (errors,) = confusions(reported(opened), files, "mine/")
    assert (figure.key, figure.data) == ("mine-confusion", "mine/confusion.csv")
    assert len(errors.table.rows) == 11
    assert list(errors.table.rows[0]) == ["0", "1.0", "1.0", "3.0", "3.0"]
    assert list(errors.table.rows[-1]) == ["all", "10.0", "10.0", "30.0", "30.0"]
    assert {"mine/confusion.csv", "mine/errors.csv", "mine/errors.tex"} == set(files.contents)
    assert "samples" in files.contents["mine/confusion.csv"].decode().splitlines()[0]


def test_a_loss_alone_has_no_matrix_beside_it(experiment, train, reported):
    opened = experiment(settings=[{"loss": "softmax"}])
    train(opened)
    assert confusions(reported(opened), Files({}), "") == ([], [])


def test_curves_of_classes(experiment, reported, tmp_path):
    opened = experiment(settings=[{"loss": "softmax", "beside": ["sigma2r"]}])
    seeds = tuple(
        SeedRecord(
            seed,
            {"accuracy": 0.9},
            tuple(
                EpochRecord(
                    e, 1.0, None, {"sigma2r.growth": tuple(e + seed + c for c in range(10))}
                )
                for e in (1, 2)
            ),
            tuple(ClassRecord(c, 0.9, 0.3) for c in range(10)),
        )
        for seed in (0, 1)
    )
    record = TrialRecord(opened.spec.settings_list()[0], "complete", number=0, seeds=seeds)
    record_trial(opened.database, opened.stored.id, record, "test")
    files = Files({})
    (figure,) = curves_of_classes(reported(opened), files, "")
    assert figure.title == "mine: sigma2r.growth of each class"
    path = tmp_path / "curves.csv"
    path.write_bytes(files.contents["class-curves.csv"])
    table = pd.read_csv(path)
    assert len(table) == 20
    first = table[(table["class"].astype(str).str.endswith("3")) & (table["epoch"] == 2)]
    assert first["value"].item() == pytest.approx(2 + 0.5 + 3)


def test_without_curves_of_classes_there_is_no_figure(experiment, train, reported):
    opened = experiment()
    train(opened)
    assert curves_of_classes(reported(opened), Files({}), "") == []
