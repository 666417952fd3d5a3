"""Trials are stored whole, once, and come back to the last bit."""

import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from sweeper.errors import SweeperError
from sweeper.setting import Setting
from sweeper.store import (
    ClassRecord,
    EpochRecord,
    SeedRecord,
    TrialRecord,
    Worker,
    claim_control,
    create_study,
    load_trials,
    record_trial,
    release,
    reserve,
    summarise,
)


def test_a_trial_comes_back_to_the_last_bit(database, study, trial):
    assert record_trial(database, study.id, trial, "validation")
    assert load_trials(database, study.id) == [trial]


# SQLite drops the sign of zero.
numbers = st.floats().map(lambda number: number + 0.0)
finite = st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    values=st.dictionaries(st.sampled_from(["accuracy", "retrieval"]), numbers, min_size=1),
    losses=st.lists(numbers, max_size=3),
    recalls=st.lists(numbers, max_size=3),
    margin=finite,
    cause=st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
)
def test_all_numbers_survive_on_both_databases(
    database, study, values, losses, recalls, margin, cause
):
    seed = SeedRecord(
        5,
        dict(sorted(values.items())),
        tuple(EpochRecord(epoch, loss, None) for epoch, loss in enumerate(losses)),
        tuple(ClassRecord(index, recall, recall) for index, recall in enumerate(recalls)),
    )
    number = len(load_trials(database, study.id))
    record = TrialRecord(Setting(m2=margin), "failed", number, cause=cause, seeds=(seed,))
    assert record_trial(database, study.id, record, "validation")
    stored = load_trials(database, study.id)[-1]
    assert repr(stored) == repr(record)  # the text, since NaN does not equal itself


def test_nan_is_null_on_both_databases_and_causes_are_kept(database, study, numbered):
    seed = SeedRecord(0, {"accuracy": math.nan}, (EpochRecord(0, math.nan), EpochRecord(1, 1.0)))
    record = numbered(0, state="failed", cause="loss is nan in epoch 0", seeds=(seed,))
    record_trial(database, study.id, record, "validation")
    with database.session() as session:
        nulls = "SELECT count(*) FROM sweeper_curves WHERE train_loss IS NULL"
        assert session.scalars(text(nulls)).one() == 1
        assert session.scalars(text("SELECT avg(train_loss) FROM sweeper_curves")).one() == 1.0
    (stored,) = load_trials(database, study.id)
    assert stored.cause == record.cause
    assert math.isnan(stored.seeds[0].values["accuracy"])


def test_trials_come_by_number_and_controls_behind_them_by_name(database, study, numbered):
    controls = [numbered(None, control=name) for name in ("softmax", "arcface")]
    for record in (*controls, numbered(10), numbered(2)):
        record_trial(database, study.id, record, "validation")
    stored = load_trials(database, study.id)
    assert stored == [numbered(2), numbered(10), *reversed(controls)]


def test_trials_may_be_chosen_by_number(database, study, trial, numbered):
    for record in (*map(numbered, range(4)), numbered(None, control="softmax")):
        record_trial(database, study.id, record, "validation")
    assert load_trials(database, study.id, numbers={3, 1, 9}) == [numbered(1), numbered(3)]
    assert load_trials(database, study.id, numbers=()) == []


def test_values_are_read_from_the_split_of_the_study(database, study_record, trial):
    study = create_study(database, replace(study_record, kind="experiment"))
    assert study.split == "test"
    record_trial(database, study.id, trial, "test")
    assert load_trials(database, study.id) == [trial]
    (other,) = load_trials(database, study.id, "validation")
    assert [seed.values for seed in other.seeds] == [{}, {}]
    assert [seed.curve for seed in other.seeds] == [seed.curve for seed in trial.seeds]


def test_recording_again_changes_nothing(database, study, trial):
    assert record_trial(database, study.id, trial, "validation")
    assert record_trial(database, study.id, trial, "validation")
    assert load_trials(database, study.id) == [trial]


def test_another_setting_under_the_same_number_is_refused(database, study, trial):
    record_trial(database, study.id, trial, "validation")
    other = replace(trial, setting=Setting(m2=0.77))
    with pytest.raises(SweeperError, match="another trial 0 is stored"):
        record_trial(database, study.id, other, "validation")
    assert load_trials(database, study.id) == [trial]


def test_a_trial_and_the_end_of_its_lease_are_one(database, study, trial):
    (lease, other) = reserve(database, study.id, 2, 2, Worker.here())
    assert record_trial(database, study.id, trial, "validation", lease)
    summary = summarise(database, study.name)
    assert (summary.counted, summary.live) == (1, 1)
    assert record_trial(database, study.id, trial, "validation", lease)  # its answer was lost
    release(database, other)


def test_half_a_trial_is_never_stored(database, study, trial):
    (lease,) = reserve(database, study.id, 1, 1, Worker.here())
    twice = replace(trial, seeds=(trial.seeds[0], trial.seeds[0]))
    with pytest.raises(IntegrityError):
        record_trial(database, study.id, twice, "validation", lease)
    assert load_trials(database, study.id) == []
    assert summarise(database, study.name).live == 1


def test_a_worker_that_was_taken_for_lost_records_nothing(database, study, trial, numbered):
    first, second = reserve(database, study.id, 2, 9, Worker.here())
    lost = numbered(0, state="failed", cause="lost", seeds=())
    assert record_trial(database, study.id, lost, "validation", first)
    assert not record_trial(database, study.id, trial, "validation", first)
    release(database, second)
    assert not record_trial(database, study.id, numbered(1), "validation", second)
    assert load_trials(database, study.id) == [lost]


def test_a_worker_that_was_quicker_than_its_reaper_keeps_its_trial(
    database, study, numbered, trial
):
    (lease,) = reserve(database, study.id, 1, 9, Worker.here())
    assert record_trial(database, study.id, trial, "validation", lease)
    lost = numbered(0, state="failed", cause="lost", seeds=())
    assert not record_trial(database, study.id, lost, "validation", lease)
    assert load_trials(database, study.id) == [trial]


def test_an_interrupted_control_is_trained_again_and_replaced(database, study, numbered):
    broken = numbered(None, control="softmax", state="failed", cause="interrupted")
    whole = numbered(None, control="softmax", seeds=())
    worker = Worker.here()
    for record in (broken, whole):
        lease = claim_control(database, study.id, "softmax", worker)
        assert lease is not None
        assert record_trial(database, study.id, record, "validation", lease)
    assert load_trials(database, study.id) == [whole]


def test_processes_that_record_one_trial_at_once_store_one(database, study, trial, run_together):
    script = (
        "with open_database(sys.argv[2]) as database:\n"
        "    seeds = (SeedRecord(0, {'accuracy': 1.0}),)\n"
        "    trial = TrialRecord(Setting(m2=0.5), 'complete', 3, seeds=seeds)\n"
        "    print(record_trial(database, int(sys.argv[3]), trial, 'validation'))"
    )
    imports = "from sweeper.store import *; from sweeper.setting import Setting"
    url = database.url.render_as_string(hide_password=False)
    assert run_together(4, imports, script, url, str(study.id)) == ["True\n"] * 4
    assert len(load_trials(database, study.id)) == 1


@pytest.mark.parametrize("names", [{}, {"number": 0, "control": "softmax"}])
def test_a_record_is_a_trial_or_a_control(names):
    with pytest.raises(ValueError, match="exactly one"):
        TrialRecord(Setting(), "complete", **names)
