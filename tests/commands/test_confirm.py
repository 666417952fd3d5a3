"""`sweeper confirm`: once with the test split, then only what is stored."""

import errno
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from sweeper.store import (
    Outlook,
    WorkerIdentity,
    claim_confirmation,
    find_confirmation,
    find_study,
    open_database,
    record_outlook,
)
from sweeper.store.database.tables import ConfirmationRow, ConfirmedRow, ExportRow

NAME = "clouds.npz-arcface-accuracy"
TODAY = f"{datetime.now(UTC):%Y-%m-%d}"


@pytest.fixture
def searched(sweeper, clouds):
    sizes = ("--n-trials", 4, "--epochs", 3, "--seeds", 2, "--workers", 1, "--cold")
    assert sweeper("run", clouds, "--loss", "arcface", "--pruner", "none", *sizes).status == 0


def test_from_the_search_to_the_weights(sweeper, searched, folder):
    first = sweeper("confirm", NAME, "--seeds", 3)
    assert first.status == 0, first.err
    assert f"confirming {NAME}: 3 trials and 2 controls × 3 new seeds on cpu, about " in first.err
    lines = first.out.splitlines()
    assert lines[1].startswith("trial ")
    assert ", the winner" in lines[1]
    for control in ("softmax", "arcface"):
        assert f"winner minus {control}" in first.out
    exported = folder / f"{NAME}-winner"
    assert f"load them with {exported.name}/load.py" in first.err
    described = json.loads((exported / "setting.json").read_text())
    assert lines[1].startswith(f"trial {described['trial']}, ")
    assert list(described["test"]["accuracy"]) == ["2", "3", "4"]
    done = subprocess.run(
        [sys.executable, exported / "load.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "features (2, 6), logits (2, 7)\n"

    second = sweeper("confirm", NAME, "--seeds", 9)
    assert (second.status, second.out) == (0, first.out)
    said = second.err.splitlines()
    assert said[0].startswith("this study was confirmed on ")
    assert said[0].endswith("3 seeds: nothing was trained now, and the test split was not read")
    assert said[1] == "to confirm with 9 seeds, create a new study"
    assert said[2] == f"its weights are in {exported.name}; load them with {exported.name}/load.py"
    exported.rename(folder / "elsewhere")
    assert sweeper("confirm", NAME, "--seeds", 9).status == 0
    assert not exported.exists()
    (folder / "elsewhere").rename(exported)


def test_weights_are_written_again(sweeper, searched, folder, monkeypatch):
    assert sweeper("confirm", NAME, "--seeds", 2).status == 0
    exported = folder / f"{NAME}-winner"
    files = {path.name: path.read_bytes() for path in exported.iterdir()}
    assert sorted(files) == ["load.py", "setting.json", "test-samples.csv", "weights.pt"]

    def read(*arguments):
        raise AssertionError("data were read")

    monkeypatch.setattr("sweeper.data.load", read)
    done = sweeper("confirm", NAME, "-o", "elsewhere")
    assert done.err.splitlines()[-1] == (
        "wrote the weights to elsewhere; load them with elsewhere/load.py"
    )
    assert {path.name: path.read_bytes() for path in Path("elsewhere").iterdir()} == files
    (exported / "weights.pt").unlink()
    assert "wrote the weights to" in sweeper("confirm", NAME).err
    assert (exported / "weights.pt").read_bytes() == files["weights.pt"]
    (exported / "setting.json").write_text("{}")  # another study's
    done = sweeper("confirm", NAME)
    assert done.status == 2
    assert done.err.endswith(f"folder {exported.name} is not empty; choose another with -o\n")
    assert (exported / "setting.json").read_text() == "{}"
    Path("own").mkdir()
    Path("own", "weights.pt").write_text("mine")
    done = sweeper("confirm", NAME, "-o", "own")
    assert (done.status, Path("own", "weights.pt").read_text()) == (2, "mine")


def test_lost_weights_are_made_again_on_request_and_measured(sweeper, searched):
    assert sweeper("confirm", NAME, "--seeds", 2).status == 0
    Path(f"{NAME}-winner").rename("moved")
    before = json.loads(Path("moved", "setting.json").read_text())
    assert "trained_again" not in before
    with open_database("sqlite:///sweeper.db") as database:
        database.transact(lambda session: session.execute(delete(ExportRow)))
    shown = sweeper("confirm", NAME)
    assert shown.status == 0
    assert shown.err.splitlines()[-1] == (
        f"the database has not kept its weights, and there is no {NAME}-winner here; `sweeper "
        f"confirm {NAME} -o FOLDER`, with a new folder, trains the winner again"
    )
    assert not Path(f"{NAME}-winner").exists()

    value = before["validation"]["accuracy"][str(before["seed"])]
    told = f"trained again, it has accuracy {value:.5f} on validation data, and "
    same = sweeper("confirm", NAME, "-o", "same")
    assert told not in same.err
    again = json.loads(Path("same", "setting.json").read_text())
    assert again.pop("trained_again") == {"validation": {"accuracy": pytest.approx(value)}}
    assert again == before

    # As if other weights had been measured.
    other = update(ConfirmedRow).where(
        ConfirmedRow.split == "validation",
        ConfirmedRow.measure == "accuracy",
        ConfirmedRow.seed == before["seed"],
    )
    with open_database("sqlite:///sweeper.db") as database:
        database.transact(lambda session: session.execute(delete(ExportRow)))
        database.transact(lambda session: session.execute(other.values(value=value + 0.01)))
    assert f"{told}{value + 0.01:.5f} is stored" in sweeper("confirm", NAME, "-o", "other").err
    again = json.loads(Path("other", "setting.json").read_text())
    assert again["trained_again"] == {"validation": {"accuracy": pytest.approx(value)}}


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


def test_weights_that_cannot_be_written_can_be_later(sweeper, searched, folder, monkeypatch):
    replaced = Path.replace

    def full(path, target):
        if Path(target).name == "weights.pt":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replaced(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        done = sweeper("confirm", NAME, "--seeds", 2)
    assert done.status == 1
    assert "winner minus softmax" in done.out
    assert done.err.splitlines()[-1] == (
        f"sweeper: {NAME}-winner/weights.pt cannot be written: No space left on device; the result "
        f"is stored, and `sweeper confirm {NAME}` writes the weights again without reading the "
        "test split"
    )
    assert not (folder / f"{NAME}-winner").exists()
    again = sweeper("confirm", NAME)
    assert (again.status, again.out) == (0, done.out)
    assert (folder / f"{NAME}-winner" / "weights.pt").exists()


KILLED = """
import os, signal, sys
from sweeper.cli import main
from sweeper.confirm.retraining import Retraining

measure = Retraining.measure

def killed(self, data=None):
    if data is not None or "now" in sys.argv:
        os.kill(os.getpid(), signal.SIGKILL)
    return measure(self, data)

Retraining.measure = killed
main(["confirm", sys.argv[1], "--seeds", "2"])
"""


def test_a_confirmation_that_died_is_gone_on_with_and_told(sweeper, searched):
    command = [sys.executable, "-c", KILLED, NAME]
    done = subprocess.run([*command, "now"], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    told = "may have read the test split; its result was lost, and nobody has seen it"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert told not in done.stderr  # that one was killed before it had read it
    last = sweeper("confirm", NAME, "--seeds", 2)
    assert last.status == 0
    assert f"a confirmation of this study that was interrupted on {TODAY} {told}" in last.err
    assert told in last.out
    assert told in sweeper("confirm", NAME).out
    described = json.loads(Path(f"{NAME}-winner", "setting.json").read_text())
    (read,) = described["test_data_read_before"]
    assert (read["study"], read["shared"]) == (NAME, "interrupted")


def test_the_second_of_two_at_once_is_told(sweeper, searched, folder):
    with open_database("sqlite:///sweeper.db") as database:
        study = find_study(database, NAME)
        claim_confirmation(database, study.id, 2, WorkerIdentity.here())
    done = sweeper("confirm", NAME, "--seeds", 2)
    assert (done.status, done.out) == (1, "")
    assert f"study '{NAME}' is being confirmed since {TODAY} " in done.err
    assert done.err.count("\n") == 1
    assert untouched(folder)


def test_who_was_cut_off_and_taken_over_does_not_read_the_test_split(
    sweeper, searched, folder, monkeypatch
):
    from sweeper.confirm.retraining import Retraining

    train = Retraining.train

    def long(self, stop, on_share):
        train(self, stop, on_share)
        with open_database("sqlite:///sweeper.db") as database:
            study = find_study(database, NAME)
            past = datetime.now(UTC) - timedelta(hours=1)
            held = update(ConfirmationRow).values(until=past, host="another")
            database.transact(lambda session: session.execute(held))
            claim_confirmation(database, study.id, 2, WorkerIdentity.here())

    with monkeypatch.context() as patched:
        patched.setattr(Retraining, "train", long)
        done = sweeper("confirm", NAME, "--seeds", 2)
    assert (done.status, done.out) == (1, "")
    assert "was taken over by somebody else" in done.err.splitlines()[-1]
    assert untouched(folder)


def test_other_studies_that_have_read_the_test_data_are_told_of(sweeper, searched, clouds, folder):
    sizes = ("--n-trials", 2, "--epochs", 1, "--seeds", 1, "--workers", 1, "--cold")
    (folder / "listed.toml").write_text(
        f'kind = "experiment"\ndataset = "{clouds}"\nepochs = 1\n[[settings]]\nloss = "softmax"\n'
    )
    assert sweeper("run", "listed.toml", "--workers", 1).status == 0
    assert sweeper("run", clouds, "--study-name", "copy", *sizes).status == 0
    first = sweeper("confirm", "copy", "--seeds", 2)
    told = "the test data of this data set were read before, by {!r} on {}"
    assert told.format("listed", TODAY) in first.err
    second = sweeper("confirm", NAME, "--seeds", 2)
    for study in ("listed", "copy"):
        assert told.format(study, TODAY) in second.err
        assert told.format(study, TODAY) in second.out
    assert "looks better on these test data than on others" in second.out
    assert told.format(NAME, TODAY) not in sweeper("confirm", "copy").out


@pytest.fixture
def half_way(sweeper, searched, clouds):
    sizes = ("--n-trials", 7, "--epochs", 3, "--seeds", 2, "--workers", 0, "--cold")
    assert sweeper("run", clouds, "--loss", "arcface", "--pruner", "none", *sizes).status == 0


def test_a_search_with_trials_left_is_confirmed_only_if_that_is_meant(sweeper, half_way, folder):
    refused = sweeper("confirm", NAME, "--seeds", 2)
    assert (refused.status, refused.out) == (2, "")
    assert refused.err == (
        "sweeper: 3 of 7 trials are not trained yet, and a second confirmation, with them, would "
        f"read the test data again: go on first (`sweeper worker {NAME}`), or add --yes to confirm "
        "without them\n"
    )
    assert untouched(folder)
    done = sweeper("confirm", NAME, "--seeds", 2, "--yes")
    assert done.status == 0
    assert "3 of 7 trials are not trained and can no longer take part after this" in done.err
    assert sweeper("confirm", NAME).out == done.out  # it asks for no --yes to show it


def test_a_search_that_settled_is_whole(sweeper, half_way):
    with open_database("sqlite:///sweeper.db") as database:
        record_outlook(database, find_study(database, NAME), Outlook(12, 0.001, 0.004))
    done = sweeper("confirm", NAME, "--seeds", 2)
    assert done.status == 0
    assert "3 of 7 trials are not trained: the search settled without them" in done.err


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
