"""What is exported gives what the array gave, without the array."""

import csv
import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from sweeper.confirm.confirmation import Winner, confirm, find_contenders, train_winner
from sweeper.confirm.export import (
    default_folder,
    export_files,
    is_written,
    new_folder,
    require_folder,
    write,
)
from sweeper.confirm.retraining import Retraining
from sweeper.errors import SweeperError, UsageError
from sweeper.losses import CombinedMarginLoss, SoftmaxLoss, make_loss
from sweeper.registry.setting import Setting
from sweeper.store import Confirmation, TrialRecord
from tests.support.disk import Disk

CPU = torch.device("cpu")
SETTINGS = [
    Setting("softmax"),
    Setting("arcface", m2=0.3, scale=12.0),
    Setting("combined", m1=1.2, m2=-0.1, m3=0.2, scale=1 / 3),
]
DIGITS = {"dataset": "digits[per_class=20]", "net": "compact", "epochs": 1}


def load(folder):
    spec = importlib.util.spec_from_file_location("loaded", folder / "load.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load()


@pytest.mark.parametrize("content", [{}, DIGITS], ids=["embeddings", "images"])
@pytest.mark.parametrize("k", range(len(SETTINGS)))
def test_embeddings_and_logits_are_those_of_the_array(content, k, quick, start, tmp_path):
    opened = start(quick(**content))
    training = Retraining(opened.spec, opened.task.training_data(CPU), SETTINGS, [2, 3])
    training.train()
    winner = Winner(TrialRecord(SETTINGS[k], "complete", number=7), 3, *training.member_state(3, k))
    values = {"validation": {"accuracy": {2: 0.5, 3: float("nan")}}, "test": {}}
    files = export_files(opened, Confirmation(7, 2, {7: values}), winner)
    write(tmp_path, files, opened.spec.net)

    # On a busy machine one array a seed may be what trains fastest.
    (array,) = (trainer for trainer in training._trainers if 3 in trainer.seeds)
    inputs = opened.task.dataset.inputs[opened.task.split.test]
    member = array.seeds.index(3) * len(SETTINGS) + k
    features = array.embed(inputs)
    with torch.no_grad():
        logits = array.criterion.logits(features)
        net, loss, prepare = load(tmp_path)
        assert not net.training
        torch.testing.assert_close(net(prepare(inputs)), features[member])
        torch.testing.assert_close(loss.logits(net(prepare(inputs))), logits[member])
    assert isinstance(loss, SoftmaxLoss if k == 0 else CombinedMarginLoss)
    if k:
        for name in ("m1", "m2", "m3", "scale"):
            assert getattr(loss, name) == getattr(SETTINGS[k], name)

    described = json.loads((tmp_path / "setting.json").read_text())
    assert described["setting"]["loss"] == SETTINGS[k].loss
    assert (described["study"], described["trial"], described["seed"]) == ("s", 7, 3)
    assert described["validation"] == {"accuracy": {"2": 0.5, "3": None}}


def test_the_folder_of_a_confirmation(quick, start, work, tmp_path):
    opened = start(quick(objectives=["retrieval"], net="linear"))
    work(opened)
    contenders = find_contenders(opened.database, opened.stored)
    confirmation, winner = confirm(opened, contenders, 2, CPU)
    folder = tmp_path / "winner"
    files = export_files(opened, confirmation, winner)
    assert not is_written(folder, files)
    with new_folder(folder):
        write(folder, files, opened.spec.net)
    assert is_written(folder, files)
    again = train_winner(opened, confirmation, CPU)
    assert (again.trial, again.seed) == (winner.trial, winner.seed)
    torch.testing.assert_close((again.net, again.loss), (winner.net, winner.loss))
    described = json.loads((folder / "setting.json").read_text())
    assert sorted(path.name for path in folder.iterdir()) == [
        "load.py",
        "setting.json",
        "test-samples.csv",
        "weights.pt",
    ]
    names = opened.task.dataset.class_names
    trained = opened.task.split.of_seed(winner.seed).trained_classes
    assert described["classes"] == [names[c] for c in trained]
    assert described["fingerprint"] == opened.task.dataset.fingerprint()
    assert set(described["test"]) > {"retrieval", "recall@1"}
    assert "accuracy" not in described["test"]  # all images of the trained classes train
    with (folder / "test-samples.csv").open(newline="") as listed:
        tested = list(csv.DictReader(listed))
    held_out = opened.task.split.held_out_test
    assert [int(row["index"]) for row in tested] == held_out.tolist()
    labels = np.load(opened.task.dataset.name)["labels"]
    assert [row["label"] for row in tested] == [str(labels[i]) for i in held_out]
    assert {row["class"] for row in tested} == {"held out"}
    assert not {row["label"] for row in tested} & set(described["classes"])
    done = subprocess.run(
        [sys.executable, folder / "load.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"features (2, 64), logits (2, {len(described['classes'])})\n"


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("clouds.npz-arcface", "clouds.npz-arcface-winner"),
        ("../../etc", "etc-winner"),
        ("digits[classes=0-4, noise=0.3]", "digits-classes-0-4-noise-0.3-winner"),
        ("///", "study-winner"),
        ("x" * 500, "x" * 100 + "-winner"),
    ],
)
def test_a_folder_is_named_for_its_study(name, folder):
    assert str(default_folder(name)) == folder


def test_a_folder_that_is_taken_is_refused(tmp_path):
    with new_folder(tmp_path / "new" / "folder"):
        pass
    with new_folder(tmp_path / "new" / "folder"):
        pass
    with pytest.raises(UsageError, match="is not empty; choose another with -o"):
        new_folder(tmp_path / "new").__enter__()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is no folder"):
        new_folder(tmp_path / "file").__enter__()
    with pytest.raises(SweeperError, match="choose another folder"):
        new_folder(tmp_path / "file" / "below").__enter__()


@pytest.mark.parametrize(
    "name", ["new/folder/winner", "new/folder/" + "x" * 300, "file/below", "file", "taken"]
)
def test_looking_at_a_folder_beforehand_leaves_nothing(name, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine").touch()
    before = sorted(tmp_path.rglob("*"))
    if name == "new/folder/winner":
        require_folder(tmp_path / name)
    else:
        with pytest.raises(SweeperError, match="choose another"):
            require_folder(tmp_path / name)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_cannot_be_written_to_is_refused_beforehand(tmp_path):
    with Disk(tmp_path / "small") as disk:
        if disk.why_not:
            pytest.skip(f"no disk can be mounted here: {disk.why_not}")
        (disk.folder / "winner").mkdir()
        disk.fill()
        with pytest.raises(SweeperError, match=r"winner: No space left on device; choose another"):
            require_folder(disk.folder / "winner")
        disk.empty()
        require_folder(disk.folder / "winner")
        assert (disk.folder / "winner").is_dir()


@pytest.mark.parametrize("there", [True, False])
def test_after_an_error_a_folder_is_as_it_was(there, tmp_path):
    folder = tmp_path / "winner"
    if there:
        folder.mkdir()

    def interrupted():
        with new_folder(folder, {"weights.pt": b""}):
            (folder / "weights.pt").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert folder.exists() == there
    assert not there or not any(folder.iterdir())


def test_a_loss_that_was_exported_before_is_built_as_it_was():
    """`load.py` of before names another module, and what it builds by the names of before."""
    code = (
        "from sweeper.losses import make_loss\n"
        "from sweeper.setting import Setting\n"
        "names = {'scale': 16.0, 'subcentres': 2.0, 'sigma2r.n_neighbours': 3.0}\n"
        "loss = make_loss(Setting.of('normalised-softmax', names), 4, 8)\n"
    )
    built = {}
    exec(code, built)
    names = {"scale": 16.0, "subcenters": 2.0, "sigma2r.n_neighbors": 3.0}
    now = make_loss(Setting.of("normalized-softmax", names), 4, 8)
    assert repr(built["loss"]) == repr(now)
    built["loss"].load_state_dict(now.state_dict())
