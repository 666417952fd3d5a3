"""Which studies can be compared, and what a loss is compared with."""

import pytest

from sweeper.report.page.comparison import (
    comparability,
    comparable_groups,
    losses_table,
    obstacles,
    plan_differences,
    side_by_side,
)
from sweeper.report.page.pairs_table import pairs_table
from sweeper.report.page.reported import losses_at_their_best, slugs


def numbers(chosen):
    return {losses: row.record.number for losses, row in chosen.items()}


def test_the_best_of_an_experiment_is_chosen_on_validation_data(experiment, train, reported):
    opened = experiment()
    # On test data each second setting is better, on validation data each first.
    train(opened, means=(0.90, 0.95, 0.90, 0.95), validation=(0.8, 0.7, 0.8, 0.7))
    chosen, without = losses_at_their_best(reported(opened))
    assert numbers(chosen) == {"softmax": 0, "arcface": 2}
    assert without == []


def test_without_validation_nothing_is_chosen(experiment, train, reported):
    opened = experiment(settings=[{"loss": "softmax", "lr": [0.1, 0.2]}, {"loss": "arcface"}])
    train(opened)
    study = reported(opened)
    chosen, without = losses_at_their_best(study)
    assert numbers(chosen) == {"arcface": 2}
    assert without == ["softmax"]
    table, remarks = losses_table([study])
    assert table is None
    assert "softmax left out" in remarks[0]


def test_a_search_has_chosen_already(make_study, put, reported):
    opened = make_study()
    put(opened, 0, values={"accuracy": [0.5, 0.6]})
    put(opened, 1, values={"accuracy": [0.7, 0.8]})
    chosen, _ = losses_at_their_best(reported(opened))
    assert numbers(chosen) == {"arcface": 1}


def test_losses_are_compared_at_their_best(experiment, train, reported):
    opened = experiment()
    train(opened, means=(0.90, 0.95, 0.92, 0.95), validation=(0.8, 0.7, 0.8, 0.7))
    table, _ = losses_table([reported(opened)])
    assert len(table.rows) == 1
    row = dict(zip(table.header, table.rows[0], strict=True))
    assert {row["one"], row["other"]} == {
        "softmax, lr 0.001",
        "arcface (m2 0.1, scale 16), lr 0.001",
    }
    assert row["seeds"] == "6"
    assert row["differ"] == "yes"
    assert table.frame["difference"].abs().item() == pytest.approx(0.02, abs=0.005)


def test_studies_of_other_data_cannot_be_compared(experiment, train, reported):
    one, other = experiment(), experiment(name="other", dataset="digits[per_class=30]")
    longer = experiment(name="longer", epochs=3)
    for opened in (one, other, longer):
        train(opened, validation=(0.8,) * 4)
    mine, theirs, long = reported(one, other, longer)
    assert obstacles(mine, theirs) == [
        "their data are digits[per_class=20] and digits[per_class=30]"
    ]
    assert obstacles(mine, long) == []
    assert plan_differences(mine, long) == ["epochs 2 and 3"]
    lines = comparability([mine, theirs, long])
    assert lines[0].startswith("mine and other cannot be compared: their data are ")
    assert lines[1] == "mine and longer differ in more than their settings: epochs 2 and 3."
    assert [[s.name for s in g] for g in comparable_groups([mine, theirs, long])] == [
        ["mine", "longer"]
    ]
    table, _ = losses_table([mine, long])
    assert len(table.rows) == 6  # two losses of two studies
    assert any(cell.startswith("longer: ") for row in table.rows for cell in row)
    shown = side_by_side([mine, theirs, long])
    assert list(shown.header) == ["setting", "measure", "mine", "other", "longer"]
    assert len(shown.rows) == 4
    assert all(all(row[2:]) for row in shown.rows)


def test_a_search_and_an_experiment_have_other_splits(experiment, train, make_study, put, reported):
    opened, search = experiment(), make_study(name="search")
    train(opened)
    put(search, 0, values={"accuracy": [0.5, 0.6]})
    (why,) = obstacles(*reported(opened, search))
    assert why == "one is measured on test data, the other on validation data"


def test_no_seed_in_both(make_study, put, reported):
    one, other = make_study(), make_study(name="other")
    put(one, 0, values={"accuracy": [0.5, 0.6]})
    assert obstacles(*reported(one, other)) == ["fewer than two seeds are in both"]


def test_pairs_say_what_could_have_been_seen():
    values = {"a": {0: 0.90, 1: 0.91, 2: 0.93}, "b": {0: 0.91, 1: 0.90, 2: 0.92}}
    table = pairs_table("pairs", "Pairs", "accuracy", values)
    assert table.notes[0].startswith("0 of 1 pairs differ by more than noise")
    # Differences of −1, 1 and 1 points have the standard deviation 1.155.
    assert table.frame["std_of_differences"].item() == pytest.approx(0.0115470)
    assert "0.04 points take 6,5" in table.notes[1]  # (1.96 + 0.84)² (1.155 / 0.04)² = 6541
    alone = pairs_table("pairs", "Pairs", "accuracy", {"a": {0: 0.9}, "b": {0: 0.8}})
    assert alone.notes[0].startswith("Noise is unknown")


def test_folders_are_told_apart():
    assert slugs(["a b", "a/b", "A-B", "..", "σ"]) == {
        "a b": "a-b",
        "a/b": "a-b-2",
        "A-B": "A-B-3",
        "..": "study",
        "σ": "study-2",
    }
