"""What a database's studies measured becomes a repository: checked against what was stored."""

import math
import re
from dataclasses import replace

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.repository.meta_features.measure import FEATURES
from sweeper.repository.own_studies import own_studies
from sweeper.repository.sources import known_and_own
from sweeper.repository.task_weights import OwnTasks
from sweeper.store import (
    Confirmation,
    DatasetRecord,
    EpochRecord,
    SeedRecord,
    StudyRecord,
    TaskRecord,
    TrialRecord,
)
from tests.support.confirmations import store_confirmation

MEASURED = {name: 0.01 * place for place, name in enumerate(FEATURES)}
MEASURED |= {"log_images": math.log(321), "log_classes": math.log(6)}
PLAIN, ARC = Setting("softmax"), Setting("arcface", m2=0.3, scale=16)


def dataset(name="/home/somebody/photos/cats[noise=0.1]", fingerprint="f" * 64):
    names = tuple("abcdefghij")
    return DatasetRecord(name, "photos/cats", fingerprint, 600, 10, (1, 8, 8), names)


def task(**changes):
    return replace(TaskRecord(dataset(), "compact", 64, 10, 32, 0.4, 0, "s" * 64), **changes)


def study(database, name="one", kind="search", features=MEASURED, **changes):
    record = StudyRecord(name, kind, task(**changes), "{}", 10, "0.1.0", optuna_study_id=7)
    stored = store.create_study(database, record)
    store.record_meta_features(database, record.task, features)
    return stored


def trial(setting, values, number=0, state="complete", cause=None, **more):
    """A trial whose seeds measured these values of accuracy and compactness."""
    seeds = tuple(
        SeedRecord(seed, named, (EpochRecord(1, 1.0),)) for seed, named in enumerate(values)
    )
    return TrialRecord(setting, state, number=number, cause=cause, seeds=seeds, **more)


def both(accuracy, compactness):
    return {"accuracy": accuracy, "compactness": compactness}


def record(database, stored, *trials):
    for one in trials:
        assert store.record_trial(database, stored.id, one, stored.split)


def values(repository, setting, objective):
    rows = repository.results[repository.results["objective"] == objective]
    own = rows[(rows["loss"] == setting.loss) & (rows["scale"] == setting.scale)]
    return dict(zip(own["seed"], own["value"], strict=True))


def test_a_search_is_gathered_with_its_features(database):
    stored = study(database)
    control = TrialRecord(
        PLAIN, "complete", control="softmax", seeds=(SeedRecord(0, both(0.7, 1.5)),)
    )
    record(database, stored, trial(ARC, [both(0.8, 1.0), both(0.9, 1.1)]), control)
    known = own_studies(database)
    (row,) = known.tasks.to_dict("records")
    assert row["id"].startswith("cats[noise=0.1], compact, 10 epochs, classes held out #")
    assert not {"somebody", "photos"} & set(re.findall(r"\w+", str(row)))
    assert re.fullmatch(r"cats #[0-9a-f]{6}", row["source"])
    assert (row["num_classes"], row["num_train"]) == (6, 321)
    assert {name: row[name] for name in FEATURES} == MEASURED
    assert values(known, ARC, "accuracy") == {0: 0.8, 1: 0.9}
    assert values(known, ARC, "compactness") == {0: 1.0, 1: 1.1}
    assert values(known, PLAIN, "accuracy") == {0: 0.7}
    assert known.settings(row["id"]) == [ARC, PLAIN]


def test_two_studies_of_one_task_are_one_task(database):
    record(database, study(database, "one"), trial(ARC, [both(0.5, 1.0)]))
    other = Setting("cosface", m3=0.2, scale=32)
    record(
        database,
        study(database, "two"),
        trial(ARC, [both(0.5, 1.0)]),
        trial(other, [both(0.6, 2.0)], 1),
    )
    known = own_studies(database)
    assert len(known.tasks) == 1
    assert len(known.results) == 4


def test_tasks_that_differ_in_data_or_budget_are_told_apart(database):
    changes = (
        {},
        {"epochs": 20},
        {"net": "lenet"},
        {"dataset": dataset(fingerprint="e" * 64)},
        {"split_fingerprint": "t" * 64},
    )
    for number, changed in enumerate(changes):
        stored = study(database, str(number), **changed)
        record(database, stored, trial(ARC, [both(0.5, 1.0)]))
    assert len(set(own_studies(database).tasks["id"])) == len(changes)


def test_test_data_stay_out(database):
    record(database, study(database, kind="experiment"), trial(ARC, [both(0.5, 1.0)]))
    assert own_studies(database).tasks.empty
    assert own_studies(database).results.empty


def test_terms_and_other_ways_of_training_stay_out(database):
    term = Setting.of("arcface", {"m2": 0.3, "scale": 16}, ["center"])
    record(
        database,
        study(database),
        trial(ARC, [both(0.5, 1.0)]),
        trial(term, [both(0.9, 0.1)], 1),
        trial(Setting("triplet"), [both(0.9, 0.1)], 2),
    )
    other = study(database, "other", protocol='{"decay": "epoch"}')
    record(database, other, trial(ARC, [both(0.9, 0.1)]), trial(PLAIN, [both(0.9, 0.1)], 1))
    known = own_studies(database)
    assert len(known.tasks) == 1
    assert known.settings(known.tasks["id"].item()) == [ARC]
    assert values(known, ARC, "accuracy") == {0: 0.5}


def test_further_seeds_of_a_confirmation_count_but_for_its_test_results(database):
    stored = study(database)
    record(database, stored, trial(ARC, [both(0.5, 1.0)]))
    further = {"validation": {"accuracy": {4: 0.6}}, "test": {"accuracy": {4: 0.1}}}
    store_confirmation(database, stored.id, Confirmation(0, 1, {0: further}))
    assert values(own_studies(database), ARC, "accuracy") == {0: 0.5, 4: 0.6}


def test_a_seed_that_diverged_in_a_confirmation_counts_as_the_worst(database):
    stored = study(database)
    record(database, stored, trial(ARC, [both(0.5, 1.0), both(0.5, 3.0)]))
    further = {"validation": {"accuracy": {4: math.nan}, "compactness": {4: math.nan}}}
    store_confirmation(database, stored.id, Confirmation(0, 1, {0: further}))
    known = own_studies(database)
    assert values(known, ARC, "accuracy") == {0: 0.5, 1: 0.5, 4: 0.0}
    assert values(known, ARC, "compactness") == {0: 1.0, 1: 3.0, 4: 3.0}


def test_two_folders_of_one_name_are_two_sources(database):
    for place, name in enumerate(("/a/data/images", "/b/data/images[per_class=5]", "digits")):
        one = replace(dataset(name, f"{place}" * 64), source="data/images")
        record(database, study(database, name, dataset=one), trial(ARC, [both(0.5, 1.0)]))
    sources = own_studies(database).tasks["source"]
    assert len(set(sources)) == 3
    assert "data/images" in set(sources)  # of what has a name, the source that it says


def test_what_diverged_counts_as_the_worst_and_what_was_cut_short_not_at_all(database):
    bad, lost, cut = (Setting("arcface", m2=0.5, scale=scale) for scale in (99, 50, 25))
    record(
        database,
        study(database),
        trial(ARC, [both(0.5, 1.0), both(0.6, 4.0)]),
        trial(bad, [{}, {}], 1, "failed", "non-finite: the loss of epoch 1 with seed 0"),
        trial(lost, [{}, {}], 2, "failed", store.LOST),
        trial(cut, [both(0.4, 3.0)], 3, "pruned"),
    )
    known = own_studies(database)
    assert values(known, bad, "accuracy") == {0: 0.0, 1: 0.0}
    assert values(known, bad, "compactness") == {0: 4.0, 1: 4.0}
    assert set(known.results["scale"]) == {16.0, 99.0}


def test_what_no_repository_can_hold_is_left_out(database):
    huge = Setting("arcface", m2=0.5, scale=1e6)
    values_ = [both(0.5, math.inf), both(0.6, 2.0)]
    record(database, study(database), trial(ARC, values_), trial(huge, values_, 1))
    known = own_studies(database)
    assert set(known.results["scale"]) == {16.0}
    assert values(known, ARC, "compactness") == {0: 2.0, 1: 2.0}


def test_a_task_without_features_is_left_out(database):
    record(database, study(database, features={}), trial(ARC, [both(0.5, 1.0)]))
    assert own_studies(database).tasks.empty


def test_an_empty_database(database):
    assert own_studies(database).tasks.empty
    assert own_studies(database).results.empty


def test_the_very_data_are_told_by_name_and_folder(database):
    record(
        database, study(database), trial(ARC, [both(0.9, 0.5)]), trial(PLAIN, [both(0.8, 0.6)], 1)
    )
    (own,) = own_studies(database).tasks["id"]
    known, told = known_and_own(database, dataset().name, dataset().source)
    assert told == OwnTasks(frozenset([own]), frozenset([own]))
    assert own in set(known.tasks["id"])
    for name in ("/home/another/photos/cats[noise=0.1]", "/home/somebody/photos/cats", ""):
        assert known_and_own(database, name, "photos/cats")[1].same == frozenset()
    _, told = known_and_own(None, "digits", "digits")
    assert told.own == frozenset()
    assert {task.partition(",")[0] for task in told.same} == {"digits"}
