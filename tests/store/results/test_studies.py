"""Studies are made once, and found again with all that belongs to them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from sweeper.errors import SweeperError, UsageError
from sweeper.store import (
    WorkerIdentity,
    claim_control,
    create_study,
    find_study,
    list_studies,
    measured_split,
    open_database,
    record_trial,
    reserve,
    set_n_trials,
    summarize,
)


def count(database, table: str) -> int:
    with database.session() as session:
        return session.scalars(text(f"SELECT count(*) FROM {table}")).one()


def test_a_study_comes_back_as_it_was_stored(database, study_record):
    stored = create_study(database, study_record)
    assert {name: getattr(stored, name) for name in vars(study_record)} == vars(study_record)
    assert find_study(database, "mine") == stored
    assert abs(datetime.now(UTC) - stored.created) < timedelta(minutes=1)
    assert stored.created.tzinfo is UTC


def test_making_it_again_gives_the_stored_one(database, study_record, study):
    changed = replace(study_record, spec="{}", n_trials=99)
    assert create_study(database, changed) == study


def test_studies_of_one_task_share_it_and_tasks_of_one_content_the_data_set(
    database, study_record, study
):
    create_study(database, replace(study_record, name="second"))
    renamed = replace(study_record.task.dataset, name="the same images")
    other = replace(study_record.task, net="lenet", dataset=renamed)
    third = create_study(database, replace(study_record, name="third", task=other))
    assert third.task.dataset == study.task.dataset
    counts = [count(database, f"sweeper_{table}") for table in ("datasets", "tasks", "studies")]
    assert counts == [1, 2, 3]


def test_another_split_is_another_task(database, study_record, study):
    other = replace(study_record.task, split_fingerprint="another")
    second = create_study(database, replace(study_record, name="second", task=other))
    assert second.task.split_fingerprint == "another"
    assert find_study(database, "mine").task == study.task
    assert count(database, "sweeper_tasks") == 2


def test_another_protocol_is_another_task(database, study_record, study):
    assert study.task.protocol == "{}"
    other = replace(study_record.task, protocol='{"decay": "epoch"}')
    second = create_study(database, replace(study_record, name="second", task=other))
    create_study(database, replace(study_record, name="third", task=other))
    assert second.task == other
    assert find_study(database, "second").task == other
    assert find_study(database, "mine").task == study_record.task
    assert count(database, "sweeper_tasks") == 2


def test_only_an_experiment_is_measured_on_test():
    assert [measured_split(kind) for kind in ("search", "experiment")] == ["validation", "test"]


def test_processes_that_make_one_study_at_once_make_one(storage_url, run_together):
    script = (
        "with open_database(sys.argv[2]) as database:\n"
        "    dataset = DatasetRecord('d', 'd', 'f', 9, 3, (1, 8, 8), ('a', 'b', 'c'))\n"
        "    task = TaskRecord(dataset, 'compact', 64, 1, 8, 0.0, 0, 's')\n"
        "    record = StudyRecord('s', 'search', task, '{}', 3, '0', 1)\n"
        "    print(create_study(database, record).id)"
    )
    with open_database(storage_url, create=True) as database:
        said = run_together(4, "from sweeper.store import *", script, storage_url)
        assert len(set(said)) == 1
        assert count(database, "sweeper_studies") == count(database, "sweeper_datasets") == 1


def test_an_unknown_study_is_answered_with_near_names(database, study):
    with pytest.raises(UsageError, match="unknown study 'mime'; did you mean mine"):
        find_study(database, "mime")
    with pytest.raises(UsageError, match="unknown study"):
        summarize(database, "mime")


def test_a_study_whose_optuna_study_was_deleted_is_not_continued(database, study_record, study):
    with pytest.raises(SweeperError, match="was deleted from Optuna's tables"):
        create_study(database, replace(study_record, optuna_study_id=8))
    assert find_study(database, study.name) == study


def test_the_budget_changes(database, study):
    set_n_trials(database, study.id, 25)
    assert find_study(database, study.name) == replace(study, n_trials=25)


def test_the_list_counts_trials_by_state_and_leases(database, study_record, study, numbered):
    states = ["complete", "complete", "pruned", "failed", "failed", "failed"]
    causes = [None, None, "rung 2", "non-finite: the loss", "lost", "interrupted"]
    for number, (state, cause) in enumerate(zip(states, causes, strict=True)):
        record = numbered(number, state=state, cause=cause, seeds=())
        assert record_trial(database, study.id, record, "validation")
    control = numbered(None, control="softmax", seeds=())
    assert record_trial(database, study.id, control, "validation")
    worker = WorkerIdentity.here()
    assert len(reserve(database, study.id, 3, 100, worker)) == 3
    assert claim_control(database, study.id, "arcface", worker)
    second = create_study(database, replace(study_record, name="second"))

    first, other = list_studies(database)
    assert first.study == study
    assert first.states == {"complete": 2, "pruned": 1, "failed": 1, "lost": 2}
    assert first.causes == {"interrupted": 1, "lost": 1, "non-finite": 1}
    assert (first.counted, first.live, first.queued) == (4, 3, 0)
    assert other.study == second
    assert (other.counted, other.live) == (0, 0)
    assert summarize(database, study.name) == first
