"""Studies on weights: on the features of a frozen body, and of a whole net, to the export."""

import importlib.util
import json
import re

import numpy as np
import pytest
import torch
from sqlalchemy import text
from torchvision.models import get_model

from sweeper import models
from sweeper.confirm.confirmation import Winner
from sweeper.confirm.export import export_files, write
from sweeper.confirm.retraining import Retraining
from sweeper.data import load
from sweeper.errors import UsageError
from sweeper.models import frozen, frozen_features
from sweeper.registry.setting import Setting
from sweeper.store import Confirmation, TrialRecord
from sweeper.study.open_study import create_or_resume, find
from sweeper.study.task import Task

CPU = torch.device("cpu")


@pytest.fixture
def images(tmp_path, monkeypatch):
    """An .npz of small gray images of three classes; the features go below the test's folder."""
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path / "data"))
    frozen_features._last.clear()
    generator = np.random.default_rng(0)
    labels = np.arange(90) % 3
    pictures = generator.integers(0, 120, (90, 8, 8)) + 60 * labels[:, None, None]
    file = tmp_path / "pictures.npz"
    np.savez(file, images=pictures.astype(np.uint8), labels=labels)
    return str(file)


@pytest.fixture
def weights(tmp_path):
    draw_weights(tmp_path / "w.pt", 7)
    return tmp_path / "w.pt"


def draw_weights(file, seed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.save(get_model("shufflenet_v2_x0_5").state_dict(), file)


@pytest.fixture
def name(weights):
    return f"shufflenet_v2_x0_5[weights={weights}, size=32, body=frozen]"


def test_a_task_with_a_frozen_body_is_one_of_its_features(study, images, name, monkeypatch):
    plain = Task.load(study(dataset=images, net="compact"))
    monkeypatch.chdir("/")
    task = Task.load(study(dataset=images, net=name.replace("=frozen", "=frozen, head=head")))
    assert task.spec.net == name
    assert task.dataset.input_shape == (1024,)
    assert task.split.fingerprint() == plain.split.fingerprint()
    assert task.record.dataset.name == plain.record.dataset.name
    assert task.record.dataset.fingerprint != plain.record.dataset.fingerprint
    frozen_features._last.clear()
    assert Task.load(task.spec).record == task.record
    data = task.training_data(CPU)
    assert data.mean.equal(torch.zeros(()))
    expected = frozen.embed(load(images).inputs, name)[task.split.train]
    torch.testing.assert_close(data.train.inputs, expected)


def test_a_frozen_body_needs_images_and_something_to_learn(study, images, embeddings, name):
    with pytest.raises(UsageError, match="takes images, but the data are embeddings"):
        Task.load(study(dataset=str(embeddings), net=name))
    with pytest.raises(UsageError, match="is the same for every setting; use head=linear or"):
        Task.load(study(dataset=images, net=name, objectives=["compactness"]))


def test_features_that_are_computed_once_cannot_be_augmented(study, images, name):
    with pytest.raises(UsageError, match="features of a frozen body are computed once; leave it"):
        Task.load(study(dataset=images, net=name, augmentation={"horizontal_flip": True}))


def test_weights_bring_their_own_standardization(study, images, name):
    net = name.replace(", body=frozen", "")
    data = Task.load(study(dataset=images, net=net)).training_data(CPU)
    mean, std = models.standardization(net)
    torch.testing.assert_close(data.mean, mean.float())
    torch.testing.assert_close(data.std, std.float())
    assert data.batch(data.train.inputs[:2]).shape == (2, 3, 8, 8)


@pytest.mark.parametrize("options", ["size=32", "size=32, body=frozen"])
def test_other_weights_in_the_file_are_refused(study, images, weights, sqlite_database, options):
    spec = study(dataset=images, net=f"shufflenet_v2_x0_5[weights={weights}, {options}]")
    create_or_resume(sqlite_database, Task.load(spec))
    assert not create_or_resume(sqlite_database, Task.load(spec))[1]
    draw_weights(weights, 8)
    words = f"study 's' began with other values of the weights in {weights}; put them back, or"
    for go_on in (
        lambda: create_or_resume(sqlite_database, Task.load(spec)),
        lambda: find(sqlite_database, "s"),
    ):
        with pytest.raises(UsageError, match=f"^{re.escape(words)} start another .*$"):
            go_on()
    draw_weights(weights, 7)
    assert find(sqlite_database, "s").spec.net == spec.net


def test_a_study_stored_without_a_digest_of_its_weights_goes_on(
    study, images, weights, sqlite_database
):
    spec = study(dataset=images, net=f"shufflenet_v2_x0_5[weights={weights}, size=32]")
    create_or_resume(sqlite_database, Task.load(spec))
    with sqlite_database.session() as session:  # what a version without digests stored
        session.execute(text("UPDATE sweeper_studies SET spec = :spec"), {"spec": spec.to_json()})
    draw_weights(weights, 8)
    assert not create_or_resume(sqlite_database, Task.load(spec))[1]
    assert find(sqlite_database, "s").spec.net == spec.net


@pytest.mark.parametrize("options", ["size=32, body=frozen, head=linear", "size=32"])
def test_what_is_exported_takes_images_and_no_weights_file(
    study, images, weights, sqlite_database, tmp_path, options
):
    name = f"shufflenet_v2_x0_5[weights={weights}, {options}]"
    spec = study(dataset=images, net=name, embedding=4, epochs=2)
    opened, _ = create_or_resume(sqlite_database, Task.load(spec))
    setting = Setting("arcface", m2=0.1, scale=8.0)
    training = Retraining(opened.spec, opened.task.training_data(CPU), [setting], [2, 3])
    training.train()
    state = training.member_state(3, 0)
    winner = Winner(TrialRecord(setting, "complete", number=7), 3, *state)
    values = {"validation": {"accuracy": {3: 0.5}}, "test": {}}
    folder = tmp_path / "winner"
    folder.mkdir()
    write(folder, export_files(opened, Confirmation(7, 2, {7: values}), winner), opened.spec.net)
    features = torch.cat(
        [array.embed(training.data.measured.inputs) for array in training._trainers]
    )

    weights.unlink()
    code = importlib.util.spec_from_file_location("winner", folder / "load.py")
    module = importlib.util.module_from_spec(code)
    code.loader.exec_module(module)
    net, _, prepare = module.load()
    chosen = load(images).inputs[opened.task.split.validation]
    torch.testing.assert_close(net(prepare(chosen)), features[1])
    said = json.loads((folder / "setting.json").read_text())["net"]
    assert said == f"shufflenet_v2_x0_5[weights=w.pt, {options}]"  # no folders
    assert str(tmp_path) not in (folder / "load.py").read_text()
