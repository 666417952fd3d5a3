"""Exported files: of any length, read back as they were."""

from dataclasses import replace

from sweeper.store import create_study, load_export, store_export
from sweeper.store.results import exports


def test_files_of_any_length_come_back(database, study, monkeypatch):
    monkeypatch.setattr(exports, "_PART", 7)
    files = {"weights": bytes(range(256)) * 3, "code": b"seven!!", "one more": b"eight!!!"}
    assert load_export(database, study.id) == {}
    store_export(database, study.id, files)
    assert load_export(database, study.id) == files


def test_they_take_the_place_of_earlier_ones(database, study, monkeypatch):
    monkeypatch.setattr(exports, "_PART", 7)
    store_export(database, study.id, {"weights": bytes(20), "other": b"1"})
    store_export(database, study.id, {"weights": b"short"})
    assert load_export(database, study.id) == {"weights": b"short"}


def test_studies_have_their_own(database, study, study_record):
    other = create_study(database, replace(study_record, name="other", optuna_study_id=8))
    store_export(database, study.id, {"a": b"1"})
    store_export(database, other.id, {"a": b"2"})
    assert load_export(database, study.id) == {"a": b"1"}
