"""Databases of versions before, with rows in them, come to the newest one and are worked on."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.store import (
    DatasetRecord,
    EpochRecord,
    TaskRecord,
    WorkerIdentity,
    claim_confirmation,
    create_study,
    find_confirmation,
    find_meta_features,
    find_study,
    find_test_reads,
    load_export,
    load_trials,
    open_database,
    record_trial,
)
from sweeper.store.database.maintenance import check, upgrade
from sweeper.store.database.schema import known_versions, version_of

WHEN = "2026-01-02 03:04:05+00:00"

#: What version 0002 stored of a study: a trial of two classes, a control, a confirmation.
ROWS_OF_0002 = {
    "datasets": {
        "name": "digits",
        "source": "digits",
        "fingerprint": "f",
        "samples": 60,
        "num_classes": 2,
        "input_shape": "[1, 8, 8]",
        "class_names": '["a", "b"]',
    },
    "tasks": {
        "dataset_id": 1,
        "net": "compact",
        "embedding": 64,
        "epochs": 10,
        "batch_size": 128,
        "hold_out": 0.25,
        "split_seed": 2**40,
        "split_fingerprint": "s",
    },
    "studies": {
        "name": "old",
        "optuna_study_id": 1,
        "kind": "search",
        "task_id": 1,
        "spec": "{}",
        "n_trials": 9,
        "code_version": "0.2.0",
        "created": WHEN,
    },
    "trials": {
        "study_id": 1,
        "number": 4,
        "state": "complete",
        "loss": "arcface",
        "m1": 1.0,
        "m2": 1 / 3,
        "m3": 0.0,
        "scale": 16.0,
        "lr": 0.01,
        "weight_decay": 1e-4,
        "epochs": 10,
        "seconds": 1.5,
        "device": "cpu",
        "finished": WHEN,
    },
    "trials ": {
        "study_id": 1,
        "control": "softmax",
        "state": "failed",
        "cause": "loss is nan",
        "loss": "softmax",
        "m1": 1.0,
        "m2": 0.0,
        "m3": 0.0,
        "scale": 64.0,
        "lr": 0.01,
        "weight_decay": 0.0,
        "epochs": 3,
        "seconds": 0.5,
        "device": "cpu",
        "finished": WHEN,
    },
    "results": {
        "trial_id": 1,
        "seed": 2**33,
        "measure": "accuracy",
        "split": "validation",
        "value": 1 / 7,
    },
    "curves": {"trial_id": 1, "seed": 2**33, "epoch": 9, "train_loss": 1 / 9, "accuracy": 0.5},
    "class_measures": {
        "trial_id": 1,
        "seed": 2**33,
        "split": "validation",
        "class_index": 1,
        "recall": 0.75,
        "spread": 1 / 11,
    },
    "meta_features": {
        "dataset_id": 1,
        "split_fingerprint": "s",
        "name": "log_images",
        "value": 4.5,
    },
    "confirmations": {"study_id": 1, "winner": 1, "seeds": 1, "finished": WHEN},
    "confirmed": {
        "trial_id": 1,
        "seed": 5,
        "measure": "accuracy",
        "split": "validation",
        "value": 0.25,
    },
}


@pytest.fixture
def database_of_0002(storage_url, make_version, insert_rows):
    """A database of version 0002 with rows in it, of either kind; Optuna's tables are new."""
    engine = make_version(storage_url, "0002")
    with engine.begin() as connection:
        insert_rows(connection, ROWS_OF_0002)
    engine.dispose()
    with open_database(storage_url, any_version=True) as database:
        assert version_of(database.engine) == "0002"
        yield database


def test_terms_and_protocols_come_to_an_older_database_and_its_rows_stay(database_of_0002):
    database = database_of_0002
    assert check(database)[0].startswith("its tables are older (0002) than this sweeper")
    assert upgrade(database) == known_versions()[-1]
    assert check(database) == []

    study = find_study(database, "old")
    dataset = DatasetRecord("digits", "digits", "f", 60, 2, (1, 8, 8), ("a", "b"))
    assert study.task == TaskRecord(dataset, "compact", 64, 10, 128, 0.25, 2**40, "s", "{}")
    assert (study.n_trials, study.code_version) == (9, "0.2.0")
    trial, control = load_trials(database, study.id)
    assert trial.setting == Setting("arcface", m2=1 / 3, scale=16.0, lr=0.01, weight_decay=1e-4)
    assert (trial.number, trial.state, trial.seconds) == (4, "complete", 1.5)
    (seed,) = trial.seeds
    assert (seed.seed, seed.values) == (2**33, {"accuracy": 1 / 7})
    assert seed.curve == (EpochRecord(9, 1 / 9, 0.5),)
    (of,) = seed.classes
    assert (of.index, of.recall, of.spread) == (1, 0.75, 1 / 11)
    assert math.isnan(of.plain_spread)
    assert seed.confusion == ()
    assert (control.control, control.cause) == ("softmax", "loss is nan")
    assert find_meta_features(database, study.task) == {"log_images": 4.5}
    confirmation = find_confirmation(database, study.id)
    assert (confirmation.winner, confirmation.values) == (
        4,
        {4: {"validation": {"accuracy": {5: 0.25}}}},
    )
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (confirmation.earlier, confirmation.finished) == ((), when)
    assert find_test_reads(database) == [(study, when)]
    assert load_export(database, study.id) == {}
    with pytest.raises(SweeperError, match="was confirmed by somebody else"):
        claim_confirmation(database, study.id, 3, WorkerIdentity.here())


def test_an_upgraded_database_takes_what_is_new(database_of_0002, study_record, trial):
    database = database_of_0002
    upgrade(database)
    old = find_study(database, "old")
    same = create_study(database, replace(study_record, name="same", task=old.task))
    protocol = '{"decay": "epoch"}'
    task = replace(old.task, protocol=protocol)
    other = create_study(database, replace(study_record, name="other", task=task))
    assert (same.task, other.task) == (old.task, task)
    with database.session() as session:
        protocols = session.scalars(text("SELECT protocol FROM sweeper_tasks ORDER BY id")).all()
        assert protocols == ["{}", protocol]
    for study in (old, other):
        assert record_trial(database, study.id, trial, "validation")
        assert load_trials(database, study.id)[0] == trial


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("tasks", {}),  # the same task a second time
        ("tasks", {"protocol": "{}"}),
        ("studies", {}),
        ("trials", {}),
        ("trials", {"number": None}),  # neither a trial nor a control
        ("class_measures", {}),
    ],
)
def test_an_upgraded_database_refuses_what_it_refused_before(database_of_0002, table, changes):
    upgrade(database_of_0002)
    row = ROWS_OF_0002[table] | changes
    keys, values = ", ".join(row), ", ".join(f":{key}" for key in row)
    again = text(f"INSERT INTO sweeper_{table} ({keys}) VALUES ({values})")
    with pytest.raises(IntegrityError), database_of_0002.session() as session:
        session.execute(again, row)


def test_each_version_can_be_upgraded(storage_url, make_version):
    for version in known_versions()[:-1]:
        make_version(storage_url, version).dispose()
        with open_database(storage_url, any_version=True) as database:
            assert version_of(database.engine) == version
    with open_database(storage_url, any_version=True) as database:
        upgrade(database)
        assert check(database) == []
