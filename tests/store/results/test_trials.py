"""Trials are stored whole, once, and come back to the last bit."""

import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.store import (
    ClassRecord,
    EpochRecord,
    SeedRecord,
    TrialRecord,
    WorkerIdentity,
    claim_control,
    create_study,
    load_trials,
    record_trial,
    release,
    reserve,
    summarize,
)


def test_a_trial_comes_back_to_the_last_bit(database, study, trial):
    assert record_trial(database, study.id, trial, "validation")
    assert load_trials(database, study.id) == [trial]


def test_values_alone_are_read_without_all_else(database, study, trial):
    record_trial(database, study.id, trial, "validation")
    bare = replace(trial, seeds=tuple(SeedRecord(seed.seed, seed.values) for seed in trial.seeds))
    assert bare != trial
    assert load_trials(database, study.id, values_alone=True) == [bare]


# SQLite drops the sign of zero.
numbers = st.floats().map(lambda number: number + 0.0)
finite = st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)
#: What a loss and a term tell of up to three classes.
told = st.dictionaries(
    st.sampled_from(["size", "sigma2r.growth"]),
    st.lists(numbers, min_size=1, max_size=3).map(tuple),
).map(lambda values: dict(sorted(values.items())))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    values=st.dictionaries(st.sampled_from(["accuracy", "retrieval"]), numbers, min_size=1),
    losses=st.lists(st.tuples(numbers, told), max_size=3),
    recalls=st.lists(st.tuples(numbers, numbers), max_size=3),
    counts=st.lists(st.tuples(*[st.integers(0, 2**40)] * 3), max_size=3),
    margin=finite,
    weight=finite.map(abs),
    cause=st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
)
def test_all_numbers_survive_on_both_databases(
    database, study, values, losses, recalls, counts, margin, weight, cause
):
    seed = SeedRecord(
        5,
        dict(sorted(values.items())),
        tuple(EpochRecord(epoch, loss, None, told) for epoch, (loss, told) in enumerate(losses)),
        tuple(ClassRecord(i, recall, recall, plain) for i, (recall, plain) in enumerate(recalls)),
        tuple(counts),
    )
    setting = Setting.of("combined", {"m2": margin, "center.lambda": weight})
    number = len(load_trials(database, study.id))
    record = TrialRecord(setting, "failed", number, cause=cause, seeds=(seed,))
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


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"subcenters": 3},
        {"subcenters": 3, "center.lambda": 0.01, "sigma2r.lambda": 1 / 7},
        {"subcenters": 3, "center.lambda": 0.01, "sigma2r.lambda": 0.14, "term_lr": 0.5},
    ],
)
def test_other_terms_are_another_setting(database, study, trial, more):
    record_trial(database, study.id, trial, "validation")
    other = replace(trial, setting=replace(trial.setting, options=tuple(more.items())))
    assert other.setting != trial.setting
    with pytest.raises(SweeperError, match="another trial 0 is stored") as caught:
        record_trial(database, study.id, other, "validation")
    assert len(str(caught.value).splitlines()) == 1
    assert load_trials(database, study.id) == [trial]


def test_the_same_terms_in_another_order_are_the_same_setting(database, study, trial):
    record_trial(database, study.id, trial, "validation")
    turned = replace(trial.setting, options=tuple(reversed(trial.setting.options)))
    assert record_trial(database, study.id, replace(trial, setting=turned), "validation")
    assert load_trials(database, study.id) == [trial]


def test_what_is_told_of_classes_is_kept_where_there_is_some(database, study, numbered):
    grown = (1.0, math.inf, 0.0)
    other = (0.5, -1.0, 1 / 3)
    told = {"another": other, "sigma2r.growth": grown}
    curve = (EpochRecord(0, 1.0), EpochRecord(1, 1.0, 0.5, told), EpochRecord(2, 0.5))
    record = numbered(0, seeds=(SeedRecord(0, {"accuracy": 0.5}, curve), SeedRecord(3, {}, curve)))
    record_trial(database, study.id, record, "validation")
    assert load_trials(database, study.id) == [record]
    with database.session() as session:
        rows = session.execute(
            text(
                "SELECT epoch, name, class_index, value FROM sweeper_class_curves "
                "WHERE seed = 3 ORDER BY name, class_index"
            )
        ).all()
    assert rows == [(1, name, i, v) for name, values in told.items() for i, v in enumerate(values)]


def test_confusions_belong_to_a_split(database, study_record, trial):
    study = create_study(database, replace(study_record, kind="experiment"))
    record_trial(database, study.id, trial, "test")
    (own,), (other,) = (load_trials(database, study.id, split) for split in (None, "validation"))
    assert [seed.confusion for seed in own.seeds] == [seed.confusion for seed in trial.seeds]
    assert [seed.confusion for seed in other.seeds] == [(), ()]
    assert [seed.classes for seed in other.seeds] == [(), ()]
    assert [seed.curve for seed in other.seeds] == [seed.curve for seed in trial.seeds]


def test_a_trial_and_the_end_of_its_lease_are_one(database, study, trial):
    (lease, other) = reserve(database, study.id, 2, 2, WorkerIdentity.here())
    assert record_trial(database, study.id, trial, "validation", lease)
    summary = summarize(database, study.name)
    assert (summary.counted, summary.live) == (1, 1)
    assert record_trial(database, study.id, trial, "validation", lease)  # its answer was lost
    release(database, other)


def test_half_a_trial_is_never_stored(database, study, trial):
    (lease,) = reserve(database, study.id, 1, 1, WorkerIdentity.here())
    twice = replace(trial, seeds=(trial.seeds[0], trial.seeds[0]))
    with pytest.raises(IntegrityError):
        record_trial(database, study.id, twice, "validation", lease)
    assert load_trials(database, study.id) == []
    assert summarize(database, study.name).live == 1


def test_a_worker_that_was_taken_for_lost_records_nothing(database, study, trial, numbered):
    first, second = reserve(database, study.id, 2, 9, WorkerIdentity.here())
    lost = numbered(0, state="failed", cause="lost", seeds=())
    assert record_trial(database, study.id, lost, "validation", first)
    assert not record_trial(database, study.id, trial, "validation", first)
    release(database, second)
    assert not record_trial(database, study.id, numbered(1), "validation", second)
    assert load_trials(database, study.id) == [lost]


def test_a_worker_that_was_quicker_than_its_reaper_keeps_its_trial(
    database, study, numbered, trial
):
    (lease,) = reserve(database, study.id, 1, 9, WorkerIdentity.here())
    assert record_trial(database, study.id, trial, "validation", lease)
    lost = numbered(0, state="failed", cause="lost", seeds=())
    assert not record_trial(database, study.id, lost, "validation", lease)
    assert load_trials(database, study.id) == [trial]


def test_an_interrupted_control_is_trained_again_and_replaced(database, study, numbered):
    broken = numbered(None, control="softmax", state="failed", cause="interrupted")
    whole = numbered(None, control="softmax", seeds=broken.seeds[:1])
    worker = WorkerIdentity.here()
    for record in (broken, whole):
        lease = claim_control(database, study.id, "softmax", worker)
        assert lease is not None
        assert record_trial(database, study.id, record, "validation", lease)
    assert load_trials(database, study.id) == [whole]
    with database.session() as session:
        for part, rows in (("class_curves", 9), ("confusions", 1), ("class_measures", 3)):
            assert session.scalar(text(f"SELECT count(*) FROM sweeper_{part}")) == rows


def test_processes_that_record_one_trial_at_once_store_one(database, study, trial, run_together):
    script = (
        "with open_database(sys.argv[2]) as database:\n"
        "    seeds = (SeedRecord(0, {'accuracy': 1.0}),)\n"
        "    trial = TrialRecord(Setting(m2=0.5), 'complete', 3, seeds=seeds)\n"
        "    print(record_trial(database, int(sys.argv[3]), trial, 'validation'))"
    )
    imports = "from sweeper.store import *; from sweeper.registry.setting import Setting"
    url = database.url.render_as_string(hide_password=False)
    assert run_together(4, imports, script, url, str(study.id)) == ["True\n"] * 4
    assert len(load_trials(database, study.id)) == 1


@pytest.mark.parametrize("names", [{}, {"number": 0, "control": "softmax"}])
def test_a_record_is_a_trial_or_a_control(names):
    with pytest.raises(ValueError, match="exactly one"):
        TrialRecord(Setting(), "complete", **names)
