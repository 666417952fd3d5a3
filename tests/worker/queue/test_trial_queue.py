"""Taking trials and handing them back, also where something breaks half-way."""

import threading
from collections import Counter

import optuna
import pytest
from optuna.trial import TrialState
from sqlalchemy import event, text

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.store import SeedRecord, WorkerIdentity, open_database
from sweeper.study.distributions import parameters
from sweeper.study.open_study import SETTING, create_or_resume, find
from sweeper.study.samplers.grid import UnstoppingGridSampler
from sweeper.study.task import Task
from sweeper.study.trial_attributes import PROPOSED_BY
from sweeper.worker.batch.trial_result import TrialResult
from sweeper.worker.queue import trial_queue
from sweeper.worker.queue.claimed_trial import ClaimedTrial
from sweeper.worker.queue.repeating import ORIGINAL, RETRY_OF, SUSPECT_FAILURES, queue_copy
from sweeper.worker.queue.trial_queue import TrialQueue

GRID = {"scale": {"choices": [4.0, 8.0, 16.0, 32.0]}, "m2": {"choices": [0.0, 0.2, 0.4]}}


def finish(one, *values, measure="accuracy"):
    seeds = tuple(SeedRecord(seed, {measure: value}) for seed, value in enumerate(values))
    assert one.hand_in(TrialResult("complete", 2, 1.0, seeds=seeds), "cpu")


def finish_all(taken):
    for one in taken:
        finish(one, 0.5, 0.5)


def waiting(study):
    return study.get_trials(deepcopy=False, states=(TrialState.WAITING,))


def test_controls_first_then_trials_within_the_budget(quick, start):
    opened = start(quick(n_trials=3))
    one, two = (TrialQueue(opened, WorkerIdentity.here()) for _ in range(2))
    first = one.take(3)
    assert [held.control for held in first] == ["softmax", "arcface", None]
    second = two.take(10)
    assert [held.trial.number for held in second] == [1, 2]
    assert one.take(10) == []
    assert [held.name for held in first] == ["softmax", "arcface", "trial 0"]
    finish_all([*first, *second])
    assert one.take(10) == []
    assert store.held(opened.database, opened.stored.id) == []


def test_statements_of_a_trial_do_not_grow_with_those_that_are_finished(quick, start):
    opened = start(quick(controls=[], n_trials=60, sampler="tpe"))
    queue = TrialQueue(opened, WorkerIdentity.here())
    statements = []

    def one_more() -> int:
        before = len(statements)
        finish_all(queue.take(1))
        return len(statements) - before

    def note(_connection, _cursor, statement, *_) -> None:
        statements.append(statement)

    for engine in (opened.database.engine, opened.database.optuna_storage.engine):
        event.listen(engine, "before_cursor_execute", note)
    counts = [one_more() for _ in range(50)]
    assert counts[49] == counts[14] <= 40


def test_finishing_twice_changes_nothing(quick, start):
    opened = start(quick(controls=[]))
    queue = TrialQueue(opened, WorkerIdentity.here())
    taken = queue.take(1)
    finish_all(taken)
    finish_all(taken)
    assert store.summarize(opened.database, "s").counted == 1
    assert queue.study.trials[0].value == 0.5


def test_infinite_values_can_be_stored_and_told(quick, start):
    opened = start(quick(controls=[], objectives=["compactness"], net="linear"))
    queue = TrialQueue(opened, WorkerIdentity.here())
    (held,) = queue.take(1)
    finish(held, float("inf"), 1.0, measure="compactness")
    assert queue.study.trials[0].value == float("inf")
    assert queue.study.trials[0].user_attrs["compactness of each seed"] == [None, 1.0]


def test_what_was_given_back_is_tried_again(quick, start):
    opened = start(quick(controls=["softmax"], n_trials=2))
    queue = TrialQueue(opened, WorkerIdentity.here())
    taken = queue.take(3)
    for held in taken:
        held.give_back(store.INTERRUPTED)
    assert store.held(opened.database, opened.stored.id) == []
    again = queue.take(3)
    assert again[0].control == "softmax"
    assert [held.trial.user_attrs[RETRY_OF] for held in again[1:]] == [0, 1]
    assert [held.setting for held in again] == [held.setting for held in taken]


def test_a_start_that_is_tried_again_is_still_one(quick, sqlite_database):
    task, first = Task.load(quick(controls=[])), Setting.of("combined", {"m2": 0.3, "scale": 16.0})
    opened, _ = create_or_resume(sqlite_database, task, [first])
    queue = TrialQueue(opened, WorkerIdentity.here())
    (held,) = queue.take(1)
    held.give_back(store.INTERRUPTED)
    (again,) = queue.take(1)
    assert again.setting == held.setting
    assert again.trial.user_attrs[PROPOSED_BY] == held.trial.user_attrs[PROPOSED_BY]


def test_a_copy_is_queued_once_whoever_asks(quick, start):
    opened = start(quick(controls=[]))
    queue = TrialQueue(opened, WorkerIdentity.here())
    (held,) = queue.take(1)
    url = opened.database.url.render_as_string(hide_password=False)

    def reap(barrier):
        with open_database(url) as database:
            other = find(database, "s")
            theirs = other.optuna_study()
            barrier.wait()
            queue_copy(other, theirs, held.trial.number)

    barrier = threading.Barrier(4)
    threads = [threading.Thread(target=reap, args=(barrier,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waiting(queue.study)) == 1


@pytest.mark.parametrize("broken", ["ask", "assign"])
def test_nothing_stays_reserved_where_asking_fails(broken, quick, start, monkeypatch):
    opened = start(quick(n_trials=4))
    queue = TrialQueue(opened, WorkerIdentity.here())
    where = trial_queue if broken == "ask" else store
    whole = getattr(where, broken)
    calls = []

    def breaks(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("broken")
        return whole(*arguments)

    monkeypatch.setattr(where, broken, breaks)
    with pytest.raises(RuntimeError, match="broken"):
        queue.take(5)
    assert store.held(opened.database, opened.stored.id) == []
    assert len(waiting(queue.study)) == 1  # the trial that it had got before, to be tried again
    again = queue.take(10)
    assert len(again) == 2 + 4


def test_asking_is_repeated_without_a_second_reservation(quick, start):
    """A lease that ended between reserving and asking takes nothing from the budget."""
    opened = start(quick(n_trials=1, controls=[]))
    queue = TrialQueue(opened, WorkerIdentity.here())
    whole = queue.study.ask

    def slow(*arguments):
        held = store.held(opened.database, opened.stored.id)
        store.release(opened.database, *(lease.id for lease in held))  # taken for lost meanwhile
        return whole(*arguments)

    queue.study.ask = slow
    assert queue.take(1) == []
    assert store.held(opened.database, opened.stored.id) == []


def test_a_grid_is_worked_through_by_several_without_repeats(quick, start):
    opened = start(quick(sampler="grid", space=GRID, n_trials=12, controls=[]))
    url = opened.database.url.render_as_string(hide_password=False)
    lost = TrialQueue(opened, WorkerIdentity.here())
    for held in lost.take(3):  # numbers that are not the points' own
        held.give_back(store.INTERRUPTED)
    found, errors = [], []

    def worker():
        try:
            with open_database(url) as database:
                other = find(database, "s")
                queue = TrialQueue(other, WorkerIdentity.here())
                while taken := queue.take(2):
                    found.extend(held.setting for held in taken)
                    finish_all(taken)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    points = Counter((setting.scale, setting.m2) for setting in found)
    assert len(points) == 12
    assert set(points.values()) == {1}
    assert not waiting(lost.study)


def test_a_point_of_a_grid_is_not_given_twice_where_the_lock_is_lost(
    postgres_database, quick, monkeypatch
):
    spec = quick(sampler="grid", space=GRID, n_trials=12, controls=[])
    opened, _ = create_or_resume(postgres_database, Task.load(spec))
    cut_off, other = (TrialQueue(opened, WorkerIdentity.here()) for _ in range(2))
    for _ in range(12):  # up to the size of the grid a trial has the point of its own number
        cut_off.study.add_trial(optuna.create_trial(state=TrialState.FAIL))
    choose = UnstoppingGridSampler.before_trial
    taken: list[ClaimedTrial] = []

    def choose_and_lose_the_lock(sampler, study, trial):
        choose(sampler, study, trial)
        if sampler is cut_off.study.sampler and not taken:
            with postgres_database.session() as session:
                session.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database "
                        "ON oid = database WHERE locktype = 'advisory' "
                        "AND datname = current_database()"
                    )
                )
            taken.extend(other.take(1))

    monkeypatch.setattr(UnstoppingGridSampler, "before_trial", choose_and_lose_the_lock)
    taken.extend(cut_off.take(1))
    first, second = taken
    assert first.setting != second.setting


def test_a_point_of_a_grid_is_not_lost_with_a_trial_without_parameters(quick, start):
    opened = start(quick(sampler="grid", space=GRID, n_trials=12, controls=[]))
    queue = TrialQueue(opened, WorkerIdentity.here())
    empty = queue.study.ask()  # a worker that died here had a point, and no parameters yet
    assert empty.params == {}
    queue_copy(opened, queue.study, 0)
    queue.study.tell(0, state=TrialState.FAIL)
    taken = queue.take(12)
    assert len({(held.setting.scale, held.setting.m2) for held in taken}) == 12


def test_a_search_proposes_others_for_a_trial_without_all_parameters(quick, start):
    opened = start(quick(controls=[]))
    queue = TrialQueue(opened, WorkerIdentity.here())
    queue.study.ask({"m2": optuna.distributions.FloatDistribution(-0.2, 0.8)})
    queue_copy(opened, queue.study, 0)
    assert waiting(queue.study) == []


def test_a_setting_keeps_its_place_when_it_is_tried_again(quick, start):
    settings = [{"loss": ["softmax", "normalized-softmax"]}]
    opened = start(quick(kind="experiment", settings=settings))
    queue = TrialQueue(opened, WorkerIdentity.here())
    taken = queue.take(5)
    assert [held.trial.user_attrs[SETTING] for held in taken] == [0, 1]
    taken[1].give_back(store.INTERRUPTED)
    (again,) = queue.take(5)
    assert again.setting == taken[1].setting
    assert again.trial.user_attrs == {SETTING: 1, RETRY_OF: 1, ORIGINAL: 1, SUSPECT_FAILURES: 0}


def test_a_trial_of_an_experiment_has_the_parameters_of_its_setting_alone(quick, start):
    settings = [
        {"loss": "softmax"},
        {"loss": ["softmax", "arcface"], "beside": ["center"]},
        {"loss": "triplet", "beside": ["git", "center"], "git": {"lambda_c": 0.5}},
        {"loss": "arcface", "subcenters": 2},
    ]
    opened = start(quick(kind="experiment", net="linear", settings=settings))
    queue = TrialQueue(opened, WorkerIdentity.here())
    taken = queue.take(9)
    assert [held.setting for held in taken] == opened.spec.settings_list()
    assert [held.trial.params for held in taken] == [parameters(held.setting) for held in taken]
    taken[2].give_back(store.INTERRUPTED)
    (again,) = queue.take(9)
    assert again.setting == taken[2].setting
    assert again.trial.params == taken[2].trial.params


def test_a_search_of_terms_and_whole_numbers(quick, start):
    space = {
        "subcenters": {"low": 1, "high": 3},
        "center": {"lambda": {"low": 0.1, "high": 1, "log": True}},
    }
    opened = start(quick(beside=["center"], space=space, controls=[]))
    queue = TrialQueue(opened, WorkerIdentity.here())
    taken = queue.take(5)
    for held in taken:
        assert held.setting.terms == ("center",)
        assert held.setting["subcenters"] in (1, 2, 3)
        assert held.setting["center.lambda"] == held.trial.params["center.lambda"]
    taken[0].give_back(store.INTERRUPTED)
    (again,) = queue.take(5)
    assert again.setting == taken[0].setting


def test_an_experiment_without_a_queued_setting_leaves_nothing_behind(quick, start):
    opened = start(quick(kind="experiment", settings=[{"loss": ["softmax"]}]))
    queue = TrialQueue(opened, WorkerIdentity.here())
    queue.study.ask()  # taken by a worker that is gone: nobody has mended that yet
    assert queue.take(1) == []
    assert store.held(opened.database, opened.stored.id) == []
    assert [trial.state for trial in queue.study.trials] == [TrialState.RUNNING, TrialState.FAIL]
