"""The repository that comes with the program: whole, checked, and what it says of itself."""

import csv
import json

import pytest

from sweeper.registry.objectives import OBJECTIVES
from sweeper.repository import files, sources
from sweeper.repository.evaluation.regret import evaluate
from sweeper.repository.meta_features.measure import FEATURES


def test_it_has_the_features_that_this_version_measures():
    assert set(sources.shipped().features) == set(FEATURES)


def test_every_task_has_its_control_with_all_seeds():
    known = sources.shipped()
    for objective in OBJECTIVES:
        assert known.without_control(objective) == []
    results = known.results
    plain = results["loss"] == "softmax"
    setting = ["task", "objective", "loss", "m1", "m2", "m3", "scale", "lr"]
    for rows, seeds in ((results[plain], 8), (results[~plain], 4)):
        assert set(rows.groupby(setting)["seed"].nunique()) == {seeds}


def test_the_dictionary_names_every_column():
    folder = sources.shipped_folder()
    with (folder / files.DICTIONARY).open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["member"] == files.TASKS]
    known = sources.shipped()
    assert [row["column"] for row in rows] == list(known.tasks.columns)
    assert all(row["meaning"] for row in rows)


def test_the_provenance_counts_what_is_there():
    provenance = json.loads((sources.shipped_folder() / files.PROVENANCE).read_text())
    known = sources.shipped()
    assert (provenance["tasks"], provenance["results"]) == (len(known.tasks), len(known.results))
    assert provenance["origin"].keys() >= {"date", "sweeper", "torch", "device", "license", "seeds"}


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_choice_that_comes_along_is_the_one_that_the_data_lead_to(objective):
    stored = sources.stored_choice(objective, None)
    made = evaluate(sources.shipped(), objective).choice
    assert stored.digest == made.digest
    assert stored.shares == pytest.approx(made.shares, abs=1e-3)
    assert stored.smoothing == pytest.approx(made.smoothing, rel=1e-3)
    for scheme, summary in made.regrets.items():
        ours = summary["recommendation"]["regret"]
        assert stored.regrets[scheme]["recommendation"]["regret"] == pytest.approx(ours, abs=1e-3)
