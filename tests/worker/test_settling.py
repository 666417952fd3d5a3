"""A real search that stops by itself, and goes on where it is told to."""

import pytest

from sweeper.store import Outlook, find_outlook, record_outlook
from sweeper.worker.settling import Settling, has_outlook


@pytest.fixture
def trained(quick, start, work):
    spec = quick(n_trials=6, seeds=3)
    opened = start(spec)
    work(opened)
    return opened


def test_it_looks_again_only_where_further_trials_have_ended(trained):
    settling = Settling(trained)
    seen = settling.look()
    assert seen is not None
    assert seen.trials == 6
    assert find_outlook(trained.database, trained.stored) == seen
    assert settling.look() is seen
    assert settling.is_settled() == seen.settled


def test_a_glance_takes_little_of_the_time(trained, monkeypatch):
    now, looked = [0.0], []
    monkeypatch.setattr("sweeper.worker.settling.time.monotonic", lambda: now[0])
    settling = Settling(trained)

    def look():
        looked.append(now[0])
        now[0] += 4

    monkeypatch.setattr(settling, "look", look)
    settling.glance()
    settling.glance(last=True)
    assert looked == []  # a study of a moment has no time to spare
    for _ in range(1000):
        now[0] += 1
        settling.glance()
    assert looked[0] >= 100
    assert 3 <= len(looked) <= 6  # of four seconds each in a thousand
    settling.glance(last=True)
    assert looked[-1] == now[0] - 4


def test_a_glance_leaves_to_others_what_they_have_seen(trained, monkeypatch):
    settling = Settling(trained)
    monkeypatch.setattr(settling, "_began", -1000.0)
    record_outlook(trained.database, trained.stored, Outlook(6, 0.012, 0.004))
    settling.glance(last=True)
    assert find_outlook(trained.database, trained.stored) == Outlook(6, 0.012, 0.004)
    record_outlook(trained.database, trained.stored, Outlook(5, 0.012, 0.004))
    settling.glance(last=True)
    assert find_outlook(trained.database, trained.stored).gain != 0.012


def test_experiments_and_several_objectives_have_no_outlook(study):
    assert has_outlook(study())
    assert not has_outlook(study(objectives=["accuracy", "retrieval"]))


def test_few_trials_are_not_settled_however_sure_they_are():
    assert Outlook(12, 0.001, 0.004).settled
    assert not Outlook(6, 0.001, 0.004).settled
    assert not Outlook(12, 0.005, 0.004).settled
