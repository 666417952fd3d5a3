"""Renaming and deleting a study, in Optuna's tables and in ours."""

from dataclasses import replace

import optuna
import pytest
from sqlalchemy import text

from sweeper import store
from sweeper.errors import BusyError, StudyGoneError, SweeperError, UsageError
from sweeper.store import WorkerIdentity
from sweeper.store.database.tables import Base
from tests.support.studies import embeddings, quick, quiet_optuna, start, study, work

__all__ = ["embeddings", "quick", "quiet_optuna", "start", "study", "work"]  # fixtures


def rows_of(database) -> dict[str, int]:
    """Count the rows of every table, Optuna's too."""
    optunas = ("studies", "trials", "trial_values", "trial_params", "trial_user_attributes")
    with database.session() as session:
        return {
            name: session.scalars(text(f"SELECT count(*) FROM {name}")).one()
            for name in (*Base.metadata.tables, *optunas)
        }


def spec_as(stored, name):
    return stored.spec.replace(f'"name":"{stored.name}"', f'"name":"{name}"')


def test_states_are_found_by_id(quick, start):
    one, two = (start(quick(name=name)) for name in ("one", "two"))
    store.set_state(one.database, two.stored.id, "paused")
    studies = [one.stored, two.stored, replace(one.stored, id=999)]
    first, second, _ = (study.id for study in studies)
    assert store.study_states(one.database, studies) == {first: "active", second: "paused"}
    assert store.find_study(one.database, "two").state == "paused"


def test_a_new_study_with_the_id_of_a_deleted_one_is_another(quick, start):
    before = start(quick(name="before")).stored
    database = start(quick(name="kept")).database
    assert store.study_states(database, [before]) == {before.id: "active"}
    with database.session() as session:
        session.execute(text("DELETE FROM sweeper_studies WHERE name = 'before'"))
        session.execute(
            text("UPDATE sweeper_studies SET id = :id WHERE name = 'kept'"), {"id": before.id}
        )
    assert store.study_states(database, [before]) == {}


def test_a_deleted_study_leaves_nothing_behind_and_others_alone(quick, start, work):
    kept = start(quick(name="kept", n_trials=2))
    work(kept)
    before = rows_of(kept.database)
    gone = start(quick(name="gone", n_trials=2))
    work(gone)
    assert rows_of(kept.database) != before
    store.delete_study(gone.database, gone.stored)
    assert rows_of(kept.database) == before
    with pytest.raises(UsageError, match="gone"):
        store.find_study(kept.database, "gone")
    again = start(quick(name="gone", n_trials=1))
    assert work(again) == 3  # with two controls


def test_what_is_left_of_a_deletion_that_was_cut_off_can_be_deleted(quick, start, work):
    opened = start(quick(n_trials=1))
    work(opened)
    optuna.delete_study(study_name="s", storage=opened.database.optuna_storage)
    store.delete_study(opened.database, opened.stored)
    assert store.list_studies(opened.database) == []


def test_a_renamed_study_goes_on_under_its_new_name(quick, start, work):
    opened = start(quick(n_trials=1))
    work(opened)
    store.rename_study(opened.database, opened.stored, "new", spec_as(opened.stored, "new"))
    assert [summary.study.name for summary in store.list_studies(opened.database)] == ["new"]
    assert optuna.get_all_study_names(opened.database.optuna_storage) == ["new"]
    further = start(quick(name="new", n_trials=2))
    assert further.stored.id == opened.stored.id
    assert work(further) == 1


def test_no_two_studies_get_one_name(quick, start):
    one, two = (start(quick(name=name)) for name in ("one", "two"))
    optuna.create_study(study_name="optunas", storage=one.database.optuna_storage)
    for name in ("two", "optunas"):
        with pytest.raises(UsageError, match=f"there is a study '{name}' already"):
            store.rename_study(one.database, one.stored, name, spec_as(one.stored, name))
    assert store.find_study(one.database, "two").id == two.stored.id


def test_a_study_with_workers_is_neither_renamed_nor_deleted(quick, start):
    opened = start(quick())
    store.reserve(opened.database, opened.stored.id, 1, 4, WorkerIdentity.here())
    before = rows_of(opened.database)
    with pytest.raises(BusyError, match=r"^study 's' is being trained by 1 worker; first"):
        store.delete_study(opened.database, opened.stored)
    with pytest.raises(BusyError, match="first run `sweeper stop s --storage "):
        store.rename_study(opened.database, opened.stored, "t", spec_as(opened.stored, "t"))
    assert rows_of(opened.database) == before


def test_what_would_be_lost_are_trials_and_controls(quick, start, work):
    opened = start(quick(n_trials=1))
    lost = store.find_deletion(opened.database, store.summarize(opened.database, "s"))
    assert str(lost) == "0 trials"
    work(opened)
    lost = store.find_deletion(opened.database, store.summarize(opened.database, "s"))
    assert str(lost) == "1 trial and 2 controls"


def test_a_study_that_is_being_confirmed_is_neither_renamed_nor_deleted(quick, start):
    opened = start(quick())
    database, study = opened.database, opened.stored.id
    me = WorkerIdentity.here()
    store.claim_confirmation(database, study, 1, me)
    before = rows_of(database)
    with pytest.raises(BusyError, match=f"'s' is being confirmed since .* by process {me.pid} "):
        store.delete_study(database, opened.stored)
    with pytest.raises(BusyError, match="is being confirmed"):
        store.rename_study(database, opened.stored, "t", spec_as(opened.stored, "t"))
    assert rows_of(database) == before
    assert store.find_study(database, "s").state == "active"
    store.release_confirmation(database, study, me)
    store.delete_study(database, opened.stored)
    assert store.list_studies(database) == []


def test_of_a_stopped_study_nothing_is_reserved_and_no_control_claimed(quick, start):
    opened = start(quick())
    database, study, me = opened.database, opened.stored.id, WorkerIdentity.here()
    store.set_state(database, study, "stopped")
    assert store.reserve(database, study, 2, 4, me) == []
    assert store.claim_control(database, study, "softmax", me) is None
    store.set_state(database, study, "active")
    assert len(store.reserve(database, study, 2, 4, me)) == 2
    assert store.claim_control(database, study, "softmax", me) is not None


def test_nobody_reserves_trials_of_a_study_while_it_is_deleted(quick, start, monkeypatch):
    """A worker that asks between Optuna's deletion and ours, with its real storage."""
    opened = start(quick())
    database, storage = opened.database, opened.database.optuna_storage
    asked = []
    really = storage.delete_study

    def delete_and_ask(study_id):
        really(study_id)
        asked.append(store.reserve(database, opened.stored.id, 1, 4, WorkerIdentity.here()))

    monkeypatch.setattr(storage, "delete_study", delete_and_ask)
    store.delete_study(database, opened.stored)
    assert asked == [[]]
    assert store.list_studies(database) == []


def test_another_study_with_its_id_and_name_is_neither_renamed_nor_deleted(quick, start):
    """SQLite gives the id of a deleted study to the next one."""
    before = start(quick())
    database = before.database
    store.delete_study(database, before.stored)
    after = start(quick())
    earlier = replace(before.stored, id=after.stored.id)
    with pytest.raises(StudyGoneError, match="not in the database any more"):
        store.rename_study(database, earlier, "t", spec_as(earlier, "t"))
    with pytest.raises(StudyGoneError, match="not in the database any more"):
        store.delete_study(database, earlier)
    assert store.find_study(database, "s") == after.stored


def test_the_checkpoints_go_with_the_study_and_others_stay(quick, start, tmp_path):
    files, studies = {}, {}
    for name in ("one", "two"):
        opened = start(quick(name=name))
        studies[name] = opened.stored
        database, study = opened.database, opened.stored.id
        (lease,) = store.reserve(database, study, 1, 4, WorkerIdentity.here())
        files[name] = tmp_path / name
        label = f"{study}/0"
        store.save_checkpoint(database, {label: lease}, 1, store.Checkpoint(file=files[name]))
        store.release(database, lease)
    assert store.delete_study(database, studies["one"]) == {files["one"]}
    assert store.find_checkpoints(database, [label, f"{study - 1}/0"]).keys() == {label}
    assert store.delete_study(database, studies["two"]) == {files["two"]}


def test_that_test_data_were_read_outlives_the_study(quick, start, work):
    opened = start(quick(n_trials=1))
    database, me = opened.database, WorkerIdentity.here()
    store.claim_confirmation(database, opened.stored.id, 1, me)
    store.note_test_read(database, opened.stored.id, me)
    store.release_confirmation(database, opened.stored.id, me)
    listed = start(quick(name="listed", kind="experiment", settings=[{"loss": "softmax"}]))
    work(listed)
    before = [(study.id, study.task, when) for study, when in store.find_test_reads(database)]
    assert len(before) == 2
    for stored in (opened.stored, listed.stored):
        store.delete_study(database, stored)
        with pytest.raises(StudyGoneError, match="not in the database any more"):
            store.delete_study(database, stored)
    after = store.find_test_reads(database)
    assert [(study.id, study.task, when) for study, when in after] == before
    assert [study.name.split(" (no. ")[0] for study, _ in after] == ["s", "listed"]
    assert store.list_studies(database) == []
    assert rows_of(database)["sweeper_trials"] == 0
    assert store.study_states(database, [opened.stored]) == {}
    with pytest.raises(SweeperError, match="not in the database any more"):
        store.reserve(database, opened.stored.id, 1, 1, me)
    again = start(quick(n_trials=1))
    assert again.stored.id not in (opened.stored.id, listed.stored.id)
    assert store.find_claim(database, again.stored.id) is None
