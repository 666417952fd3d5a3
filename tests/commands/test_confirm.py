"""`sweeper confirm`: once with the test split, then only what is stored."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sweeper.store import find_confirmation, find_study, open_database, record_confirmation

NAME = "clouds.npz-arcface-accuracy"


@pytest.fixture
def searched(sweeper, clouds):
    sizes = ("--n-trials", 4, "--epochs", 3, "--seeds", 2, "--workers", 1, "--cold")
    assert sweeper("run", clouds, "--loss", "arcface", *sizes).status == 0


def test_from_the_search_to_the_weights(sweeper, searched, folder):
    first = sweeper("confirm", NAME, "--seeds", 3)
    assert first.status == 0, first.err
    assert f"confirming {NAME}: 3 trials and 2 controls × 3 new seeds on cpu, about " in first.err
    lines = first.out.splitlines()
    assert lines[1].startswith("trial ")
    assert ", the winner" in lines[1]
    for control in ("softmax", "arcface"):
        assert f"winner minus {control}, test accuracy: " in first.out
    exported = folder / f"{NAME}-winner"
    assert f"load them with {exported.name}/load.py" in first.err
    described = json.loads((exported / "setting.json").read_text())
    assert lines[1].startswith(f"trial {described['trial']}, ")
    assert list(described["test"]["accuracy"]) == ["2", "3", "4"]
    done = subprocess.run(
        [sys.executable, exported / "load.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "features (2, 6), logits (2, 7)\n"

    second = sweeper("confirm", NAME, "--seeds", 9, "-o", "elsewhere")
    assert (second.status, second.out) == (0, first.out)
    said = (
        "this study was already confirmed, with 3 seeds: nothing was trained now, and the weights, "
        "which were written then, cannot be written again\n"
    )
    assert second.err == f"{said}to confirm with 9 seeds, create a new study\n"
    assert not (folder / "elsewhere").exists()
    assert sweeper("confirm", NAME).err == said


def test_a_folder_that_is_taken_is_refused_before_anything_is_trained(sweeper, searched, folder):
    (folder / "mine").mkdir()
    (folder / "mine" / "file").touch()
    done = sweeper("confirm", NAME, "-o", "mine")
    assert done.status == 2
    assert done.err == "sweeper: folder mine is not empty; choose another with -o\n"


def test_ctrl_c_leaves_the_test_split_alone(sweeper, searched, folder, monkeypatch):
    from sweeper.confirm.retraining import Retraining

    train = Retraining.train

    def interrupted(self, stop, on_share):
        signal.raise_signal(signal.SIGINT)
        train(self, stop, on_share)

    monkeypatch.setattr(Retraining, "train", interrupted)
    done = sweeper("confirm", NAME, "--seeds", 2)
    assert (done.status, done.out) == (130, "")
    last = done.err.splitlines()[-1]
    assert last == "stopped; nothing was stored and the test split was not read"
    assert untouched(folder)


def untouched(folder):
    """Return whether there are neither values nor weights."""
    with open_database("sqlite:///sweeper.db") as database:
        stored = find_confirmation(database, find_study(database, NAME).id)
    return stored is None and not (folder / f"{NAME}-winner").exists()


def test_weights_that_cannot_be_written_leave_the_study_as_it_was(
    sweeper, searched, folder, monkeypatch
):
    write = Path.write_text

    def full(path, *arguments, **options):
        if path.name == "setting.json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        done = sweeper("confirm", NAME, "--seeds", 2)
    assert (done.status, done.out) == (1, "")
    assert done.err.endswith("the weights cannot be written: No space left on device\n")
    assert untouched(folder)


def test_somebody_else_was_faster(sweeper, searched, folder, monkeypatch):
    from sweeper.confirm import export as module

    def other(place, opened, confirmation, winner):
        assert record_confirmation(opened.database, opened.stored.id, confirmation)

    with monkeypatch.context() as patched:
        patched.setattr(module, "export", other)
        done = sweeper("confirm", NAME, "--seeds", 2)
    assert (done.status, done.out) == (1, "")
    assert "was confirmed by somebody else in the meantime" in done.err.splitlines()[-1]
    assert not (folder / f"{NAME}-winner").exists()
    assert sweeper("confirm", NAME).status == 0


def test_trials_that_are_left_are_told_of(sweeper, searched, clouds):
    sizes = ("--n-trials", 7, "--epochs", 3, "--seeds", 2, "--workers", 0)
    assert sweeper("run", clouds, "--loss", "arcface", *sizes).status == 0
    done = sweeper("confirm", NAME, "--seeds", 2)
    assert done.status == 0
    assert "3 of 7 trials are not trained yet and can no longer take part after this: " in done.err


def test_an_experiment_is_refused(sweeper, clouds, folder):
    (folder / "listed.toml").write_text(
        f'kind = "experiment"\ndataset = "{clouds}"\nepochs = 1\n[[settings]]\nloss = "softmax"\n'
    )
    assert sweeper("run", "listed.toml", "--workers", 0).status == 0
    done = sweeper("confirm", "listed")
    assert done.status == 2
    assert done.err.startswith("sweeper: 'listed' is an experiment, ")
    assert done.err.count("\n") == 1


def test_a_study_that_is_not_there(sweeper, searched):
    done = sweeper("confirm", "cloud")
    assert done.status == 2
    assert done.err.count("\n") == 1
