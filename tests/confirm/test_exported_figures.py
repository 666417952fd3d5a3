"""Exported nets, in a process of their own, have the very figures that were stated of them."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import get_model

from sweeper.confirm.confirmation import confirm, find_contenders
from sweeper.confirm.export import export_files, write

CPU = torch.device("cpu")


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: what is exported does not depend on it."""
    return sqlite_database


ROOT = Path(__file__).parents[2]

#: Measures what lies in a folder on inputs and labels from a file; inputs are given as float64.
MEASURE = """
import importlib.util, json, sys, numpy, torch
spec = importlib.util.spec_from_file_location("winner", sys.argv[1] + "/load.py")
winner = importlib.util.module_from_spec(spec)
spec.loader.exec_module(winner)
given = numpy.load(sys.argv[2])
net, loss, prepare = winner.load()
if "files" in given:
    inputs = prepare(winner.read(*given["files"].tolist()))
else:
    inputs = torch.from_numpy(given["inputs"].astype("float64"))
with torch.no_grad():
    predicted = loss.logits(net(inputs)).argmax(-1).numpy()
print(json.dumps([int((predicted == given["labels"]).sum()), len(predicted)]))
try:
    loss.logits(net(inputs).double())
except ValueError as error:
    print(error)
"""


def measured(folder, tmp_path, **given):
    np.savez(tmp_path / "given.npz", **given)
    command = [sys.executable, "-c", MEASURE, folder, tmp_path / "given.npz"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    right, of = json.loads(first)
    return right / of, rest


def exported(opened, folder):
    contenders = find_contenders(opened.database, opened.stored)
    confirmation, winner = confirm(opened, contenders, 2, CPU)
    folder.mkdir()
    write(folder, export_files(opened, confirmation, winner), opened.spec.net)
    described = json.loads((folder / "setting.json").read_text())
    stated = described["test"]["accuracy"][str(winner.seed)]
    assert stated == confirmation.values[confirmation.winner]["test"]["accuracy"][winner.seed]
    return described, stated


@pytest.mark.parametrize("net", ["aliased", "local", "remembering"])
def test_nets_of_the_users_own(net, quick, start, work, tmp_path):
    opened = start(quick(net=f"tests.support.own_nets:{net}", epochs=8, fixed={"lr": 0.01}))
    work(opened)
    _, stated = exported(opened, tmp_path / "winner")
    test = opened.task.split.test
    inputs = opened.task.dataset.inputs[test].numpy()
    labels = opened.task.split.test_labels.numpy()
    found, said = measured(tmp_path / "winner", tmp_path, inputs=inputs, labels=labels)
    assert found == pytest.approx(stated, rel=1e-6)  # stated in float32
    assert said == [
        "features are torch.float64 and the weights of the loss torch.float32; convert one of "
        "them, with features.float() or loss.double()"
    ]


def measured_on_files(photos, described, tmp_path):
    """Return the accuracy on the files that the export says were tested on."""
    with (tmp_path / "winner" / "test-samples.csv").open(newline="") as listed:
        tested = list(csv.DictReader(listed))
    assert len(tested) == 9
    assert {row["class"] for row in tested} == {"trained"}
    files = np.array([str(photos / row["path"]) for row in tested])
    labels = np.array([described["classes"].index(row["label"]) for row in tested])
    return measured(tmp_path / "winner", tmp_path, files=files, labels=labels)[0]


@pytest.fixture
def photos(tmp_path):
    """A folder of color photos of several sizes in three classes."""
    generator = np.random.default_rng(0)
    folder = tmp_path / "photos"
    for c in range(3):
        (folder / f"class{c}").mkdir(parents=True)
        for number in range(15):
            height, width = generator.integers(70, 90, 2)
            values = generator.integers(0, 120, (height, width, 3))
            values[:, :, c] += generator.integers(0, 60)
            image = Image.fromarray(values.astype(np.uint8))
            image.save(folder / f"class{c}" / f"{number:02}.{'png' if number % 2 else 'jpg'}")
    return folder


def test_image_files_are_read_as_they_were(photos, study, start, work, tmp_path):
    sizes = {"epochs": 3, "seeds": 1, "n_trials": 1, "batch_size": 16, "sampler": "random"}
    opened = start(study(dataset=str(photos), net="compact", **sizes))
    work(opened)
    described, stated = exported(opened, tmp_path / "winner")
    assert measured_on_files(photos, described, tmp_path) == pytest.approx(stated, rel=1e-6)
    split = opened.task.split

    inputs, training = described["inputs"], described["training"]
    assert inputs["kind"] == "images"
    assert inputs["shape"] == [3, 32, 32]
    assert inputs["read_as"].startswith("32×32, RGB; ")
    trained = opened.task.dataset.inputs[split.train].double()
    expected = trained.transpose(0, 1).flatten(1)
    assert inputs["mean"] == pytest.approx(expected.mean(1).tolist())
    assert inputs["std"] == pytest.approx(expected.std(1, correction=0).tolist())
    assert any("became 32×32" in note for note in inputs["notes"])
    assert inputs["notes"] == list(opened.spec.loaded.notes)
    assert described["classes"] == ["class0", "class1", "class2"]
    assert (training["epochs"], training["batch_size"], training["samples"]) == (3, 16, 27)
    assert (training["optimizer"]["name"], training["schedule"]["name"]) == ("AdamW", "cosine")
    assert training["schedule"]["steps"] == 3 * training["steps_per_epoch"]
    assert inputs["notes"][0] in (tmp_path / "winner" / "load.py").read_text()


@pytest.mark.long
def test_a_pretrained_net_reads_image_files(photos, study, start, work, tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path / "data"))  # for the features
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        torch.save(get_model("shufflenet_v2_x0_5").state_dict(), tmp_path / "w.pt")
    net = f"shufflenet_v2_x0_5[weights={tmp_path / 'w.pt'}, size=48, body=frozen, head=mlp]"
    sizes = {"epochs": 2, "seeds": 1, "n_trials": 1, "batch_size": 16, "sampler": "random"}
    opened = start(study(dataset=str(photos), net=net, **sizes))
    work(opened)
    described, stated = exported(opened, tmp_path / "winner")
    assert described["inputs"]["shape"] == [3, 48, 48]
    assert measured_on_files(photos, described, tmp_path) == pytest.approx(stated, rel=1e-6)
