"""`sweeper confirm --refit`: weights of all samples beside the confirmed ones, test data unread."""

import errno
import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from sweeper.store import find_study, find_test_reads, load_export, open_database

NAME = "clouds.npz-arcface-accuracy"
FOLDER = Path(f"{NAME}-winner")
SIZES = ("--n-trials", 2, "--epochs", 2, "--seeds", 1, "--workers", 1, "--cold")


@pytest.fixture
def searched(sweeper, clouds):
    assert sweeper("run", clouds, "--loss", "arcface", *SIZES).status == 0


@pytest.fixture
def confirmed(sweeper, searched):
    assert sweeper("confirm", NAME, "--seeds", 2).status == 0


def reads():
    with open_database("sqlite:///sweeper.db") as database:
        return [(study.name, when) for study, when in find_test_reads(database)]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_an_unconfirmed_study_is_confirmed_first(sweeper, searched):
    done = sweeper("confirm", NAME, "--seeds", 2, "--refit")
    assert done.status == 0, done.err
    described = json.loads((FOLDER / "setting.json").read_text())
    refit = json.loads((FOLDER / "refit" / "setting.json").read_text())
    trial, seed = described["trial"], described["seed"]
    assert (refit["trial"], refit["seed"]) == (trial, seed)
    assert refit["confirmed"]["test"] == described["test"]
    said = done.err.splitlines()
    assert said[-5] == f"wrote the weights to {FOLDER}; load them with {FOLDER}/load.py"
    start = f"refitting {NAME}: trial {trial} with seed {seed} on all 140 samples, cpu, about "
    assert said[-4].startswith(start)
    assert said[-3].startswith("2 epochs, as in the study, so that each sample is seen as often: ")
    assert said[-2] == (
        f"wrote the refit weights to {FOLDER}/refit; load them with {FOLDER}/refit/load.py"
    )
    assert said[-1] == refit["refit"]["notes"][0]
    assert "none is left to measure these weights on" in said[-1]


def test_a_stored_confirmation_is_refit_once_and_written_again(sweeper, confirmed, monkeypatch):
    before, read = contents(FOLDER), reads()
    shown = sweeper("confirm", NAME)
    first = sweeper("confirm", NAME, "--refit")
    assert (first.status, first.out) == (0, shown.out)
    assert "refitting" in first.err
    assert "nothing was trained" not in first.err
    assert (contents(FOLDER), reads()) == (before, read)
    files = contents(FOLDER / "refit")

    def read_data(*arguments):
        raise AssertionError("data were read")

    monkeypatch.setattr("sweeper.data.load", read_data)
    second = sweeper("confirm", NAME, "--refit")
    assert (second.status, second.out) == (0, shown.out)
    assert f"its refit weights are in {FOLDER}/refit; load them with " in second.err
    assert second.err.splitlines()[-1] == first.err.splitlines()[-1]
    assert sweeper("confirm", NAME, "--refit", "-o", "new").status == 0
    assert contents(Path("new")) == before
    assert contents(Path("new", "refit")) == files
    (FOLDER / "weights.pt").unlink()
    (FOLDER / "refit" / "weights.pt").unlink()
    assert sweeper("confirm", NAME, "--refit").status == 0
    assert (contents(FOLDER), contents(FOLDER / "refit")) == (before, files)


def test_the_refit_weights_are_others_than_the_confirmed_ones(sweeper, confirmed):
    assert sweeper("confirm", NAME, "--refit").status == 0
    one, other = (
        torch.load(folder / "weights.pt", weights_only=True)
        for folder in (FOLDER, FOLDER / "refit")
    )
    assert not torch.equal(one["loss"]["weight"], other["loss"]["weight"])
    with open_database("sqlite:///sweeper.db") as database:
        stored = load_export(database, find_study(database, NAME).id)
    assert sorted(stored) == ["load.py", "setting.json", "test-samples.csv", "weights.pt"]


def test_a_folder_that_is_taken_is_refused_before_anything_is_trained(sweeper, confirmed):
    (FOLDER / "refit").mkdir()
    (FOLDER / "refit" / "mine").touch()
    done = sweeper("confirm", NAME, "--refit")
    assert done.status == 2
    assert done.err.endswith(f"folder {FOLDER}/refit is not empty; choose another with -o\n")
    assert "refitting" not in done.err


def test_without_a_winner(sweeper, clouds):
    assert sweeper("run", clouds, "--loss", "arcface", *SIZES[:-3], "--workers", 0).status == 0
    done = sweeper("confirm", NAME, "--refit")
    assert (done.status, FOLDER.exists()) == (1, False)
    assert "no trial is trained to the end yet" in done.err


def test_data_that_changed(sweeper, clouds, confirmed):
    saved = dict(np.load(clouds))
    np.savez(clouds, embeddings=saved["embeddings"][1:], labels=saved["labels"][1:])
    done = sweeper("confirm", NAME, "--refit")
    assert (done.status, (FOLDER / "refit").exists()) == (1, False)
    assert " changed since it began " in done.err.splitlines()[-1]


def test_a_full_disk(sweeper, confirmed, monkeypatch):
    replaced = Path.replace

    def full(path, target):
        if Path(target).name == "weights.pt":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replaced(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        done = sweeper("confirm", NAME, "--refit")
    assert (done.status, (FOLDER / "refit").exists()) == (1, False)
    assert done.err.splitlines()[-1] == (
        f"sweeper: {FOLDER}/refit/weights.pt cannot be written: No space left on device; the "
        f"result is stored, and `sweeper confirm {NAME} --refit` writes the refit weights again "
        "without reading the test split"
    )
    again = sweeper("confirm", NAME, "--refit")
    assert "refitting" not in again.err
    assert (FOLDER / "refit" / "weights.pt").exists()


def test_ctrl_c_leaves_the_confirmation(sweeper, confirmed, monkeypatch):
    from sweeper.confirm.retraining import Retraining

    train = Retraining.train

    def interrupted(self, stop, on_share):
        signal.raise_signal(signal.SIGINT)
        train(self, stop, on_share)

    with monkeypatch.context() as patched:
        patched.setattr(Retraining, "train", interrupted)
        done = sweeper("confirm", NAME, "--refit")
    assert done.status == 130
    last = done.err.splitlines()[-1]
    assert last == "stopped; there are no refit weights, and the confirmation is stored"
    assert not (FOLDER / "refit").exists()
    assert sweeper("confirm", NAME, "--refit").status == 0
