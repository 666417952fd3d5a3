"""How the work on a study is shared out."""

import os
from dataclasses import replace

import pytest
import torch

from sweeper.launch.planning import LaunchEstimate, plan_launch, trials_left
from sweeper.store import Timing
from sweeper.training import use_processor
from sweeper.worker.trials_per_array import fitting_trials

CPU = torch.device("cpu")


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
    ("left", "workers", "expected"), [(6, 2, 2), (1, 4, 1), (5, 1, 1), (100, 3, 3)]
)
def test_configs(left, workers, expected, quick, start, timed):
    opened = start(quick(n_trials=100))
    opened = replace(opened, database=timed(opened.database, lease=90.0))
    measured = measured_trials(opened, workers)
    plan = plan_launch(opened, left, "sqlite:///x.db", "cpu", workers)
    # As many as was measured to be fastest here, but a share for each worker where work is short.
    assert plan.estimate.fuse == min(measured, -(-left // workers))
    assert len(plan.configs) == (expected if measured > 1 else min(left, workers))
    assert 0 < plan.estimate.seconds < 600
    cores = len(os.sched_getaffinity(0))
    for config in plan.configs:
        assert (config.url, config.study, config.device) == ("sqlite:///x.db", opened.stored, "cpu")
        assert config.fuse == plan.estimate.fuse
        assert config.timing == Timing(lease=90.0)
        assert config.threads == max(1, cores // len(plan.configs))


@pytest.mark.usefixtures("one_thread")
def test_samplers_that_learn_get_rounds(quick, start):
    opened = start(quick(sampler="tpe", n_trials=40, space={"scale": {"low": 2, "high": 9}}))
    measured = measured_trials(start(quick(name="random", n_trials=40)), 1)
    assert plan_launch(opened, 42, "sqlite:///x.db", "cpu", 1).estimate.fuse == min(4, measured)


def measured_trials(opened, workers):
    """What was found to be fastest on this machine, measured now if it was not yet."""
    use_processor(max(1, len(os.sched_getaffinity(0)) // workers))
    return fitting_trials(opened.spec, opened.task.training_data(CPU), workers)


def test_the_first_trials_are_over_after_whole_rounds():
    estimate = LaunchEstimate([CPU], 2, 1, 3, 10.0, 42 * 10.0 / 2)
    assert estimate.until(1) == estimate.until(6) == 30.0
    assert estimate.until(7) == 60.0
    assert estimate.until(42) == estimate.seconds == 210.0
