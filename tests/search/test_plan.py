"""How the work on a study is shared out."""

import os

import pytest
import torch

from sweeper.search.plan import make_plan, trials_left


@pytest.fixture
def one_thread():
    """A plan times with as many threads as a worker gets; tests go on with those they had."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def test_what_is_left(quick, start, work):
    opened = start(quick(n_trials=4))
    assert trials_left(opened) == 4 + 2
    asked = []
    work(opened, fuse=3, stop=lambda: len(asked) > 8 or asked.append(0))
    handed_in = 6 - trials_left(opened)
    assert 0 <= handed_in < 6
    work(opened)
    assert trials_left(opened) == 0
    assert trials_left(start(quick(n_trials=2))) == 0
    assert trials_left(start(quick(n_trials=7))) == 3


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize(
    ("left", "workers", "orders", "fuse"),
    [(6, 2, 2, 3), (1, 4, 1, 1), (5, 1, 1, 5), (100, 3, 3, None)],
)
def test_orders(left, workers, orders, fuse, quick, start):
    opened = start(quick(n_trials=100))
    plan = make_plan(opened, left, "sqlite:///x.db", "cpu", workers)
    assert len(plan.orders) == orders
    # Where there is work enough it is what was measured here, of members with two seeds.
    assert plan.fuse == fuse if fuse else plan.fuse in {1, 2, 4, 8, 16, 32}
    assert 0 < plan.seconds < 600
    cores = len(os.sched_getaffinity(0))
    for order in plan.orders:
        assert (order.url, order.study_name, order.device) == ("sqlite:///x.db", "s", "cpu")
        assert order.fuse == plan.fuse
        assert order.threads == max(1, cores // orders)


@pytest.mark.usefixtures("one_thread")
def test_samplers_that_learn_get_rounds(quick, start):
    opened = start(quick(sampler="tpe", n_trials=40, space={"scale": {"low": 2, "high": 9}}))
    assert make_plan(opened, 42, "sqlite:///x.db", "cpu", 1).fuse == 4
