"""`sweeper confirm`: once with the test split, then only what is stored."""

import json
import signal
import subprocess
import sys

import pytest

NAME = "clouds.npz-arcface-accuracy"


@pytest.fixture
def searched(sweeper, clouds):
    sizes = ("--n-trials", 4, "--epochs", 3, "--seeds", 2, "--workers", 1, "--cold")
    assert sweeper("run", clouds, "--loss", "arcface", *sizes).status == 0


def test_from_the_search_to_the_weights(sweeper, searched, folder):
    first = sweeper("confirm", NAME, "--seeds", 3)
    assert first.status == 0, first.err
    assert (
        f"confirming {NAME}: 3 trials and 2 controls × 3 further seeds on cpu, about " in first.err
    )
    lines = first.out.splitlines()
    assert lines[1].startswith("trial ")
    assert ", the winner" in lines[1]
    for control in ("softmax", "arcface"):
        assert f"winner minus {control}, test accuracy: " in first.out
    exported = folder / f"{NAME}-winner"
    assert f"{exported.name}/load.py loads them" in first.err
    described = json.loads((exported / "setting.json").read_text())
    assert lines[1].startswith(f"trial {described['trial']}, ")
    assert list(described["test"]["accuracy"]) == ["2", "3", "4"]
    done = subprocess.run(
        [sys.executable, exported / "load.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "features (2, 6), logits (2, 7)\n"

    second = sweeper("confirm", NAME, "--seeds", 9, "-o", "elsewhere")
    assert (second.status, second.out) == (0, first.out)
    assert second.err == (
        "the test split was read already, with 3 seeds; nothing was trained or exported\n"
    )
    assert not (folder / "elsewhere").exists()


def test_a_folder_that_is_taken_is_refused_before_anything_is_trained(sweeper, searched, folder):
    (folder / "mine").mkdir()
    (folder / "mine" / "file").touch()
    done = sweeper("confirm", NAME, "-o", "mine")
    assert done.status == 2
    assert done.err == "sweeper: folder mine is not empty; choose another with -o\n"


def test_ctrl_c_leaves_the_test_split_alone(sweeper, searched, monkeypatch):
    from sweeper.search.retraining import Retraining

    train = Retraining.train

    def interrupted(self, stop, on_share):
        signal.raise_signal(signal.SIGINT)
        train(self, stop, on_share)

    monkeypatch.setattr(Retraining, "train", interrupted)
    done = sweeper("confirm", NAME, "--seeds", 2)
    assert (done.status, done.out) == (130, "")
    assert done.err.splitlines()[-1] == "stopped, the test split was not read"
    monkeypatch.undo()


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
