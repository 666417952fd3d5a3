"""A real search that stops by itself, and goes on where it is told to."""

import pytest

from sweeper.launch.settling import Settling, has_outlook
from sweeper.store import Outlook, find_outlook


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


def test_experiments_and_several_objectives_have_no_outlook(study):
    assert has_outlook(study())
    assert not has_outlook(study(objectives=["accuracy", "retrieval"]))


def test_few_trials_are_not_settled_however_sure_they_are():
    assert Outlook(12, 0.001, 0.004).settled
    assert not Outlook(6, 0.001, 0.004).settled
    assert not Outlook(12, 0.005, 0.004).settled
