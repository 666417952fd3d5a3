"""Whatever ends the block of a worker, what it still holds is given back, and nothing else."""

import pytest
from sqlalchemy import text

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.store import SeedRecord, WorkerIdentity
from sweeper.worker.batch.trial_result import TrialResult
from sweeper.worker.failures import cause_of
from sweeper.worker.queue.held_trials import HeldTrials
from sweeper.worker.queue.trial_queue import TrialQueue

RESULT = TrialResult("complete", 2, 1.0, seeds=(SeedRecord(0, {"accuracy": 0.5}),))


@pytest.fixture
def queue(quick, start):
    return TrialQueue(start(quick(n_trials=3, controls=["softmax"])), WorkerIdentity.here())


def cause(error):
    return "interrupted" if error is None else cause_of(error, leaving=False)


def causes(queue):
    records = store.load_trials(queue.opened.database, queue.opened.stored.id)
    return {record.number: record.cause for record in records if record.number is not None}


def leases(queue):
    return store.held(queue.opened.database, queue.opened.stored.id)


def test_what_is_left_at_the_end_is_given_back(queue):
    with HeldTrials(cause) as held:
        held.add(queue.take(4))
        done = list(held)[1]
        held.remove([done])
        assert done.hand_in(RESULT, "cpu")
        assert len(held) == 3
        assert held.among([done, *held]) == list(held)
    assert causes(queue) == {0: None, 1: "interrupted", 2: "interrupted"}
    assert leases(queue) == []
    assert len(held) == 0


def test_an_error_is_the_cause_and_goes_on(queue):
    def fail():
        with HeldTrials(cause) as held:
            held.add(queue.take(4))
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        fail()
    assert set(causes(queue).values()) == {"error: RuntimeError: broken"}
    assert leases(queue) == []


def test_what_is_handed_over_is_left_alone(queue):
    with HeldTrials(cause) as held:
        held.add(queue.take(4))
        taken = held.hand_over()
    assert len(taken) == len(leases(queue)) == 4
    assert causes(queue) == {}


def test_some_are_given_back_once(queue):
    with HeldTrials(cause) as held:
        held.add(queue.take(3))
        first = list(held)[1]
        held.give_back([first], "out of memory")
        assert first not in list(held)
    assert causes(queue) == {0: "out of memory", 1: "interrupted"}


def test_one_that_cannot_be_given_back_keeps_no_other(queue):
    database = queue.opened.database
    held = HeldTrials(cause)
    held.add(queue.take(4))
    other = list(held)[1].failure("killed")
    store.record_trial(database, queue.opened.stored.id, other, "validation")
    with database.session() as session:
        session.execute(text("UPDATE sweeper_trials SET scale = scale + 1"))
    with pytest.raises(SweeperError, match="another trial 0 is stored"), held:
        pass
    assert len(leases(queue)) <= 1  # of the one that another is stored for
    assert causes(queue) == {0: "killed", 1: "interrupted", 2: "interrupted"}
