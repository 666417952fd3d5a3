"""Arrays that do not fit into the memory: halved until they do, and remembered on this machine."""

import json
import resource
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.worker import out_of_memory

NET = """
import torch
from torch import nn

class Hungry(nn.Module):
    def __init__(self, features, embedding, megabytes):
        super().__init__()
        self.layer, self.megabytes = nn.Linear(features, embedding), megabytes

    def forward(self, x):
        y = self.layer(x)
        if not self.training:
            return y
        # What exp() returns is needed for its gradient: so much is held for every member.
        held = y.float().flatten()[:1].repeat(self.megabytes * 2**18).exp()
        return y + 1e-9 * held.mean()

def large(shape, embedding):
    return Hungry(shape[0], embedding, 200)

def too_large(shape, embedding):
    return Hungry(shape[0], embedding, 8000)
"""


@contextmanager
def memory_left(megabytes):
    """Let this process have only so much more memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture
def net(tmp_path, monkeypatch):
    (tmp_path / "hungry.py").write_text(NET)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path / "root"))
    yield lambda name: f"hungry:{name}"
    sys.modules.pop("hungry", None)


def states(opened):
    return [record.state for record in store.load_trials(opened.database, opened.stored.id)]


pytestmark = [
    pytest.mark.long,  # takes and fills gigabytes
    pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by Linux's limits"),
    pytest.mark.parametrize("database", ["sqlite_database"], indirect=True),
]


def test_an_array_that_does_not_fit_is_halved(net, tmp_path, database, quick, start, work, caplog):
    opened = start(quick(net=net("large"), n_trials=6, epochs=1, controls=[]))
    # Six hold 1,400 MB, twelve 2,600; threads and libraries take a few hundred on some machines.
    with memory_left(2200):
        assert work(opened, fuse=6) == 6
    assert states(opened) == ["complete"] * 6
    assert (
        "out of memory on cpu: from now on 6 members train together, also in later" in caplog.text
    )
    assert 6 in json.loads((tmp_path / "root" / "members.json").read_text()).values()
    caplog.clear()
    with memory_left(2200):  # what was learned is remembered
        assert work(start(quick(net=net("large"), n_trials=9, epochs=1, controls=[]))) == 3
    assert "out of memory" not in caplog.text


def test_fewer_are_tried_as_the_array_was_not_as_what_is_left(
    net, database, quick, start, work, caplog, monkeypatch
):
    """Of an array of two one has left when memory ends; another worker has halved it meanwhile."""
    from sweeper.worker.batch.batch_trainer import BatchTrainer
    from sweeper.worker.batch.trial_result import TrialResult

    opened = start(quick(net=net("large"), n_trials=2, seeds=1, epochs=1, controls=[]))
    tried = []
    whole = BatchTrainer.results

    def results(self):
        tried.append(len(self.trials))
        if len(tried) == 1:
            self.members = 2
            yield self.trials[0], TrialResult("failed", 1, 0.0, "non-finite: made so")
            monkeypatch.setattr(out_of_memory, "expected_members", lambda data, trials: 1)
            raise MemoryError
        yield from whole(self)

    monkeypatch.setattr(BatchTrainer, "results", results)
    assert work(opened, fuse=2) == 2
    assert tried == [2, 1]
    assert "each member trains alone" in caplog.text


def test_one_member_that_does_not_fit_is_told(net, database, quick, start, work):
    opened = start(quick(net=net("too_large"), n_trials=2, epochs=1, controls=[]))
    with memory_left(1800), pytest.raises(SweeperError, match="one trial with one seed does not"):
        work(opened, fuse=2)
    assert states(opened) == ["failed"] * 2  # handed back: a copy of each is queued
