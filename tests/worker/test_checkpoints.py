"""Workers that end in the middle, and others that go on from what they saved."""

import os
import re
from dataclasses import replace

import pytest
import torch
from sqlalchemy import text

from sweeper import store
from sweeper.worker.batch.snapshot import Snapshot
from sweeper.worker.checkpoints import LARGEST, Checkpoints
from sweeper.worker.queue.claimed_trial import ClaimedTrial
from sweeper.worker.study_worker import StudyWorker

CPU = torch.device("cpu")
EPOCHS = 6


class Countdown:
    """Says yes from the n-th time that it is asked."""

    def __init__(self, times):
        self.left = times

    def __call__(self):
        self.left -= 1
        return self.left < 0


@pytest.fixture
def small(quick):
    """A study of four trials of six epochs, with rungs and a control."""

    def make(name="s", **content):
        rest = {"epochs": EPOCHS, "rungs": [2, 4], "n_trials": 4, "controls": ["softmax"]}
        return quick(name=name, **rest | content)

    return make


@pytest.fixture
def eager(small, start, timed):
    """Create such a study for workers that save after every epoch."""

    def make():
        opened = start(small())
        return replace(opened, database=timed(opened.database, checkpoint=0.0))

    return make


def exact(worker):
    """Have a worker train in float64."""
    data = worker.data
    worker.data = replace(
        data, dtype=torch.float64, mean=data.mean.double(), std=data.std.double(), autocast=False
    )
    return worker


def work(opened, **options):
    worker = exact(StudyWorker(opened, CPU, **options))
    return worker, worker.work()


def results(opened):
    """What was measured of each setting that was tried, by its numbers."""
    found = {}
    for record in store.load_trials(opened.database, opened.stored.id):
        if not store.is_retryable(record.cause):
            values = {
                (seed.seed, name): value
                for seed in record.seeds
                for name, value in seed.values.items()
            }
            curve = {
                (seed.seed, of.epoch): of.train_loss for seed in record.seeds for of in seed.curve
            }
            assert record.setting not in found
            found[record.setting] = (record.state, record.epochs, values, curve)
    return found


def assert_equal(ours, theirs):
    assert ours.keys() == theirs.keys()
    for setting, (state, epochs, values, curve) in ours.items():
        state_of, epochs_of, values_of, curve_of = theirs[setting]
        assert (state, epochs) == (state_of, epochs_of)
        assert values == pytest.approx(values_of, abs=1e-9, nan_ok=True)
        assert curve == pytest.approx(curve_of, abs=1e-9)


def causes(opened):
    records = store.load_trials(opened.database, opened.stored.id)
    return [store.kind_of(record.cause) for record in records if record.cause]


@pytest.mark.parametrize("place", ["database", "folder"])
def test_a_worker_that_leaves_is_gone_on_with(place, database, small, start, tmp_path):
    undisturbed = start(small("undisturbed"))
    work(undisturbed, fuse=5)
    opened = start(small(sampler="random"))
    folder = tmp_path if place == "folder" else None
    # Asked before it takes trials, before the array, then after each epoch.
    _, done = work(opened, fuse=5, leave=Countdown(3), checkpoints=folder)
    assert done == 0
    assert causes(opened) == ["preempted"] * 4
    saved = list(tmp_path.glob("*.checkpoint"))
    assert len(saved) == (place == "folder")
    assert store.held(database, opened.stored.id) == []
    _, done = work(opened, fuse=5, checkpoints=folder)
    assert done == 5
    assert_equal(results(undisturbed), results(opened))
    assert list(tmp_path.glob("*.checkpoint")) == []
    assert store.find_checkpoints(database, [f"{opened.stored.id}/{n}" for n in range(9)]) == {}


def test_every_so_often(eager, monkeypatch):
    saves = []
    monkeypatch.setattr(
        Checkpoints, "save", lambda self, leases, snapshot, last: saves.append(snapshot.epoch)
    )
    work(eager(), fuse=5)
    assert saves == list(range(1, EPOCHS))


def test_a_worker_that_was_killed_is_gone_on_with(
    database, small, start, eager, tmp_path, monkeypatch
):
    """The process ends in the fourth epoch without a word; it saved the third last."""
    undisturbed = start(small("undisturbed"))
    work(undisturbed, fuse=5)
    opened = eager()
    worker = exact(StudyWorker(opened, CPU, fuse=5))
    kept = worker.checkpoints.save

    def save(leases, snapshot, last):
        kept(leases, snapshot, last)
        if snapshot.epoch == 3:
            raise KeyboardInterrupt

    worker.checkpoints.save = save
    with monkeypatch.context() as patch:
        # A killed process gives nothing back.
        patch.setattr(ClaimedTrial, "give_back", lambda trial, cause: None)
        with pytest.raises(KeyboardInterrupt):
            worker.work()
    leases = store.held(database, opened.stored.id)
    assert len(leases) == 5
    change = "UPDATE sweeper_leases SET pid = {}"
    gone = os.fork()
    if gone == 0:
        os._exit(0)
    os.waitpid(gone, 0)
    with database.session() as session:
        session.execute(text(change.format(gone)))
    epochs = []
    worker = exact(StudyWorker(opened, CPU, fuse=5))
    noted = store.note_epochs

    def note(database, leases, epoch, start):
        epochs.append((epoch, start))
        noted(database, leases, epoch, start)

    monkeypatch.setattr(store, "note_epochs", note)
    assert worker.work() == 5
    assert min(epochs) == (4, 3)
    assert causes(opened) == ["killed"] * 4
    assert_equal(results(undisturbed), results(opened))


def test_two_workers_share_what_is_left_of_an_array(small, start):
    undisturbed = start(small("undisturbed"))
    work(undisturbed, fuse=5)
    opened = start(small())
    work(opened, fuse=5, leave=Countdown(3))
    _, first = work(opened, fuse=2, stop=Countdown(200))
    _, rest = work(opened, fuse=3)
    assert first + rest == 5
    assert_equal(results(undisturbed), results(opened))


def test_a_file_that_is_damaged_or_gone(small, start, tmp_path, caplog):
    undisturbed = start(small("undisturbed"))
    work(undisturbed, fuse=5)
    for name, spoil in (
        ("torn", lambda file: file.write_bytes(file.read_bytes()[:1000])),
        ("gone", lambda file: file.unlink()),
    ):
        opened = start(small(name))
        work(opened, fuse=5, leave=Countdown(3), checkpoints=tmp_path)
        (file,) = tmp_path.glob("*.checkpoint")
        spoil(file)
        _, done = work(opened, fuse=5, checkpoints=tmp_path)
        assert done == 5
        assert "its trials start anew" in caplog.text
        assert_equal(results(undisturbed), results(opened))
        assert list(tmp_path.glob("*.checkpoint")) == []
        caplog.clear()


def test_what_is_too_large_for_the_database_needs_a_folder(small, start, tmp_path, caplog):
    opened = start(small(net="mlp", embedding=4096, n_trials=4))
    work(opened, fuse=5, leave=Countdown(3))
    (said,) = [record.getMessage() for record in caplog.records]
    size = float(re.search(r"lost: 5 trials of ([\d.]+) MB are too large to be saved", said)[1])
    assert size > LARGEST / 2**20
    assert "of training are lost" in said
    assert said.endswith("with --checkpoints FOLDER")
    _, done = work(opened, fuse=5)
    assert done == 5


def test_what_is_too_large_is_told_once_and_only_where_much_would_be_lost(database, caplog):
    checkpoints = Checkpoints(database)
    weights = {"trainers": [torch.zeros(LARGEST // 4 + 1)]}
    snapshot = Snapshot((), (), ("1/0", "1/1"), 7, 599.0, (), (), weights)
    checkpoints.save({}, snapshot)
    assert caplog.text == ""
    for seconds in (600.0, 720.0):
        checkpoints.save({}, replace(snapshot, seconds=seconds))
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("10 min of training would be lost if it were stopped now: 2 trials")


def test_a_folder_that_cannot_be_written_stops_nothing(eager, tmp_path, caplog):
    occupied = tmp_path / "occupied"
    occupied.touch()
    _, done = work(eager(), fuse=5, checkpoints=occupied)
    assert done == 5
    assert caplog.text.count("no checkpoint could be saved") == 1
