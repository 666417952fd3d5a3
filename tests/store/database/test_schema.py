"""Versions of the schema: code and database, each older than the other; and the check."""

import math
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

import sweeper
from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.store import (
    DEFAULT_TIMING,
    DatasetRecord,
    EpochRecord,
    TaskRecord,
    create_study,
    find_confirmation,
    find_meta_features,
    find_study,
    load_trials,
    open_database,
    record_trial,
)
from sweeper.store.database.address import parse_url
from sweeper.store.database.engine import make_engine
from sweeper.store.database.maintenance import check, upgrade
from sweeper.store.database.schema import known_versions, version_of

PACKAGE = Path(sweeper.__file__).parent

NEXT = '''
"""Add a column and a table."""
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("sweeper_tasks", sa.Column("remark", sa.Text(), nullable=True))
    op.create_table("sweeper_extras", sa.Column("id", sa.Integer(), primary_key=True))
'''


@pytest.fixture
def next_sweeper(tmp_path):
    """Run code with a sweeper that has one migration more; return what it prints."""
    place = tmp_path / "next"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, place / "sweeper", ignore=ignored)
    shutil.copytree(PACKAGE.parent / "db", place / "db", ignore=ignored)
    (place / "db/migrations/versions/9999_next.py").write_text(NEXT)

    def run(code: str, url: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; url = sys.argv[1]\n{code}", url],
            env={**os.environ, "PYTHONPATH": str(place)},
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr

    return run


def test_versions_are_those_that_alembic_finds():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(PACKAGE.parent / "db" / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert known_versions() == [each.revision for each in script.walk_revisions()][::-1]


def test_an_older_database_is_upgraded_on_demand_and_is_then_too_new_for_old_code(
    own_database, study_record, next_sweeper
):
    create_study(own_database, study_record)
    url = own_database.url.render_as_string(hide_password=False)
    opening = "from sweeper.store import open_database; open_database(url, create=True)"
    said = next_sweeper(opening, url)
    assert "its tables are older (0004) than this sweeper; run `sweeper db upgrade`" in said
    upgrading = (
        "from sweeper.store import open_database\n"
        "from sweeper.store.database.maintenance import upgrade\n"
        "print(upgrade(open_database(url, any_version=True)))"
    )
    assert next_sweeper(upgrading, url) == "9999\n"
    assert next_sweeper("from sweeper.store import open_database; open_database(url)", url) == ""
    with pytest.raises(SweeperError, match=r"newer .*; upgrade sweeper"):
        open_database(url, create=True)
    with open_database(url, any_version=True) as newer:
        assert find_study(newer, study_record.name).spec == study_record.spec
        assert check(newer) == ["its tables are newer (9999) than this sweeper; upgrade sweeper"]
        with pytest.raises(SweeperError, match="newer"):
            upgrade(newer)


def test_an_upgrade_that_fails_changes_nothing(own_database, next_sweeper):
    with own_database.session() as session:
        session.execute(text("CREATE TABLE sweeper_extras (id INTEGER)"))  # in the migration's way
    upgrading = (
        "from sweeper.store import open_database\n"
        "from sweeper.store.database.maintenance import upgrade\n"
        "upgrade(open_database(url, any_version=True))"
    )
    said = next_sweeper(upgrading, own_database.url.render_as_string(hide_password=False))
    assert "already exists" in said
    assert version_of(own_database.engine) == "0004"
    columns = {
        column["name"] for column in inspect(own_database.engine).get_columns("sweeper_tasks")
    }
    assert "remark" not in columns


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


def make_version(url, version):
    """Make our tables as a version of before had them."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(PACKAGE.parent / "db" / "migrations"))
    engine = make_engine(parse_url(url), DEFAULT_TIMING)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    return engine


@pytest.fixture
def database_of_0002(storage_url):
    """A database of version 0002 with rows in it, of either kind; Optuna's tables are new."""
    engine = make_version(storage_url, "0002")
    with engine.begin() as connection:
        for name, row in ROWS_OF_0002.items():
            table, keys = f"sweeper_{name.strip()}", ", ".join(row)
            values = ", ".join(f":{key}" for key in row)
            connection.execute(text(f"INSERT INTO {table} ({keys}) VALUES ({values})"), row)
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


def test_each_version_can_be_upgraded(storage_url):
    for version in known_versions()[:-1]:
        make_version(storage_url, version).dispose()
        with open_database(storage_url, any_version=True) as database:
            assert version_of(database.engine) == version
    with open_database(storage_url, any_version=True) as database:
        upgrade(database)
        assert check(database) == []


def test_upgrading_what_is_new_already_changes_nothing(own_database, study_record):
    study = create_study(own_database, study_record)
    assert upgrade(own_database) == known_versions()[-1]
    assert find_study(own_database, study.name) == study
    assert check(own_database) == []


def test_optunas_own_tables_are_upgraded_too(own_database):
    with own_database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'v3.0.0.d'"))
    with pytest.raises(SweeperError, match="Optuna's tables are older"):
        _ = own_database.optuna_storage
    assert check(own_database) == ["Optuna's tables are older (v3.0.0.d); run `sweeper db upgrade`"]
    upgrade(own_database)
    assert check(own_database) == []
    assert "trials_study_id_key" in {  # what that version adds
        index["name"] for index in inspect(own_database.engine).get_indexes("trials")
    }


def test_versions_of_optunas_tables_that_nobody_knows(own_database):
    with own_database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'v9.0.0'"))
    with pytest.raises(SweeperError, match="does not know the version v9"):
        _ = own_database.optuna_storage
    with pytest.raises(SweeperError, match="does not know the version v9"):
        upgrade(own_database)


def test_the_check_names_what_differs(own_database):
    with own_database.session() as session:
        session.execute(text("ALTER TABLE sweeper_curves DROP COLUMN accuracy"))
        session.execute(text("ALTER TABLE sweeper_studies ADD COLUMN extra TEXT"))
        session.execute(text("DROP INDEX ix_sweeper_leases_worker"))
        session.execute(text("CREATE TABLE of_another_program (id INTEGER)"))
    assert set(check(own_database)) == {
        "missing column sweeper_curves.accuracy",
        "unknown column sweeper_studies.extra",
        "missing index ix_sweeper_leases_worker",
    }


def test_the_check_finds_damage(sqlite_database, study_record, sqlite_url):
    create_study(sqlite_database, study_record)
    sqlite_database.close()
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    content = bytearray(file.read_bytes())
    content[-4096 * 6 :] = b"\x5a" * 4096 * 6
    file.write_bytes(content)
    with open_database(sqlite_url, any_version=True) as damaged:
        try:
            faults = check(damaged)
        except SweeperError as error:
            faults = [str(error)]
    assert any("damaged" in fault for fault in faults)
