"""How long a trial takes: timed once for a task and a machine, and corrected by what was seen."""

import time

import pytest
import torch

from sweeper.worker import estimate
from sweeper.worker.estimate import note_array, seconds_per_trial

CPU = torch.device("cpu")


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: nothing here depends on it."""
    return sqlite_database


@pytest.fixture
def task(quick, start, tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path / "root"))

    def make(**content):
        opened = start(quick(**content))
        return opened.spec, opened.task.training_data(CPU)

    return make


@pytest.fixture
def timings(monkeypatch):
    timed, sizes = estimate._timed, []

    def note(spec, data, trials):
        sizes.append(trials)
        return timed(spec, data, trials)

    monkeypatch.setattr(estimate, "_timed", note)
    return sizes


def test_a_task_is_timed_once(task, timings):
    spec, data = task()
    first = seconds_per_trial(spec, data, 4)
    assert 0 < first < 60
    assert seconds_per_trial(spec, data, 4) == first
    assert seconds_per_trial(spec, data, 3) == first  # nearly as many
    longer = spec.model_copy(update={"epochs": 6})
    assert seconds_per_trial(longer, data, 4) == pytest.approx(3 * first)
    assert timings == [4]
    seconds_per_trial(spec, data, 1)
    assert timings == [4, 1]
    other, smaller = task(name="other", batch_size=8)
    seconds_per_trial(other, smaller, 4)
    assert timings == [4, 1, 4]


def test_what_was_seen_takes_its_place(task, timings):
    spec, data = task()
    seconds_per_trial(spec, data, 4)
    note_array(spec, data, 4, 240.0)
    assert seconds_per_trial(spec, data, 4) == pytest.approx(60.0)
    note_array(spec, data, 4, 1.0)  # the start alone may take as long
    assert seconds_per_trial(spec, data, 4) == pytest.approx(60.0)
    assert timings == [4]


def test_a_worker_notes_how_long_its_arrays_took(quick, start, work, tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path / "root"))
    monkeypatch.setattr(estimate, "_LONG", 0.0)
    opened = start(quick(n_trials=4))
    began = time.monotonic()
    work(opened, fuse=3)
    took = time.monotonic() - began
    monkeypatch.setattr(estimate, "_timed", None)  # known by now
    each = seconds_per_trial(opened.spec, opened.task.training_data(CPU), 3)
    assert 0 < each <= took
