"""The refresher over a real database: who is published when."""

import logging

from optuna_dashboard import get_note
from sqlalchemy import update

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.serve.refresh import Refresher
from sweeper.store.database.tables import StudyRow

BETTER = Setting("arcface", m2=0.2, scale=12.0)


def test_only_what_changed_is_published(study, begin):
    other = begin(name="other")
    refresher = Refresher(study.database)
    assert refresher.look() == ["mine", "other"]
    assert refresher.look() == []
    other.add(BETTER, accuracy=(0.97, 0.99))
    assert refresher.look() == ["other"]
    assert "98.0 ± 1.4 %" in get_note(other.optuna_study)
    store.set_n_trials(study.database, study.stored.id, 50)
    assert refresher.look() == ["mine"]
    assert "3 of 50 trials" in get_note(study.optuna_study)


def test_a_new_name_alone_is_a_change(study):
    refresher = Refresher(study.database)
    refresher.look()
    spec = study.stored.spec.replace('"name":"mine"', '"name":"yours"')
    store.rename_study(study.database, study.stored, "yours", spec)
    assert refresher.look() == ["yours"]
    assert get_note(study.optuna_study).startswith("# yours")


def test_a_new_study_with_the_id_of_a_deleted_one_is_published(begin):
    refresher = Refresher((before := begin()).database)
    assert refresher.look() == ["mine"]
    store.delete_study(before.database, before.stored)
    after = begin()
    assert after.stored.id == before.stored.id  # on SQLite
    assert refresher.look() == ["mine"]


def test_an_outlook_alone_is_a_change(study, begin):
    begin(name="other")
    refresher = Refresher(study.database)
    refresher.look()
    store.record_outlook(study.database, study.stored, store.Outlook(3, 0.012, 0.004))
    assert refresher.look() == ["mine"]
    assert "more would gain about 1.2 points" in get_note(study.optuna_study)
    assert refresher.look() == []


def test_a_control_alone_is_a_change(begin):
    study = begin()
    refresher = Refresher(study.database)
    refresher.look()
    study.add_control("softmax", accuracy=(0.5, 0.6))
    assert refresher.look() == ["mine"]


def test_a_study_of_another_version_is_named_once_and_does_not_hold_up_the_others(
    study, begin, caplog
):
    other = begin(name="other")
    with study.database.session() as session:
        session.execute(
            update(StudyRow).where(StudyRow.id == study.stored.id).values(spec='{"new": 1}')
        )
    refresher = Refresher(study.database)
    with caplog.at_level(logging.WARNING):
        assert refresher.look() == [other.stored.name]
        refresher.look()
    (line,) = caplog.messages
    assert line.startswith("study 'mine': stored study")
    assert "another version of sweeper" in line


def test_a_lost_database_is_logged_and_found_again(study, sqlite_url, tmp_path, caplog):
    refresher = Refresher(study.database)
    file = tmp_path / "sweeper.db"
    study.database.close()
    file.rename(tmp_path / "away.db")
    for end in ("-wal", "-shm"):
        (tmp_path / f"sweeper.db{end}").unlink(missing_ok=True)
    with caplog.at_level(logging.WARNING):
        assert refresher.look() == []
    assert len(caplog.messages) == 1
    study.database.close()
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"sweeper.db{end}").unlink(missing_ok=True)
    (tmp_path / "away.db").rename(file)
    assert refresher.look() == ["mine"]
