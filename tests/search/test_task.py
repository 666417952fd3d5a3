"""A study's data and its devices."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from sweeper.errors import SweeperError, UsageError
from sweeper.search.resolve import resolve
from sweeper.search.task import Task, pick_device, pick_devices


def test_names_are_canonical_and_the_net_settled(quick, embeddings, monkeypatch):
    monkeypatch.chdir(embeddings.parent)
    task = Task.load(quick(dataset=f"{embeddings.name}[ per_class=10 ]".replace("[ ", "[")))
    assert task.spec.dataset == f"{embeddings}[per_class=10]"
    assert task.spec.net == "head"
    again = Task.load(task.spec)
    assert again.spec == task.spec
    assert again.record == task.record


def test_the_record_tells_the_task(quick, study):
    record = Task.load(study(dataset="digits", objectives=["retrieval"], epochs=3)).record
    assert (record.net, record.embedding, record.epochs, record.batch_size) == (
        "compact",
        64,
        3,
        128,
    )
    assert 0 < record.hold_out < 1
    assert record.dataset.samples == 1797
    assert Task.load(quick()).record.hold_out == 0


@pytest.mark.parametrize("objective", ["retrieval", "compactness"])
def test_an_objective_that_no_setting_can_change_is_refused(objective, quick):
    with pytest.raises(UsageError, match=f"{objective} is the same for every setting; use the net"):
        Task.load(quick(objectives=["accuracy", objective]))
    assert Task.load(quick(objectives=[objective], net="linear"))


def test_the_record_tells_the_split(quick):
    task = Task.load(quick())
    assert task.record.split_fingerprint == task.split.fingerprint()
    assert Task.load(quick(seed=1)).record.split_fingerprint != task.split.fingerprint()


@pytest.fixture
def few(tmp_path):
    """An .npz whose classes have one image each to choose by, and two to test on."""
    parts = {"train": 4, "validation": 1, "test": 2}
    file = tmp_path / "few.npz"
    np.savez(
        file,
        embeddings=np.random.default_rng(0).normal(size=(21, 4)).astype(np.float32),
        labels=np.repeat(np.arange(3), 7),
        split=np.array([name for name, count in parts.items() for _ in range(count)] * 3),
    )
    return str(file)


def test_too_few_samples_for_compactness_are_refused_before_training(quick, few):
    both = {"dataset": few, "net": "linear", "objectives": ["accuracy", "compactness"]}
    words = f"{few}: compactness needs at least two classes of two images each in the validation"
    with pytest.raises(SweeperError, match=f"^{re.escape(words)} part; add images or choose"):
        Task.load(quick(**both))
    assert Task.load(quick(**both, kind="experiment", settings=[{"loss": "softmax"}]))
    assert Task.load(quick(dataset=few, net="linear"))


def test_an_experiment_is_measured_on_test(quick):
    search = Task.load(quick())
    experiment = Task.load(quick(kind="experiment", settings=[{"loss": "softmax"}]))
    device = torch.device("cpu")
    for task, part in ((search, "validation"), (experiment, "test")):
        expected = task.dataset.inputs[getattr(task.split, part)]
        assert torch.equal(task.training_data(device).measured.inputs, expected)


def test_devices():
    gpus = torch.cuda.device_count()
    assert len(pick_devices("auto")) == max(1, gpus)
    assert pick_device("auto").type == ("cuda" if gpus else "cpu")
    assert pick_device("cpu") == torch.device("cpu")
    for name in ("gpu", "cuda:x", "meta", ""):
        with pytest.raises(UsageError, match=f"unknown device '{name}'"):
            pick_device(name)
    with pytest.raises(SweeperError, match=r"no device 'cuda:99' here .*; use --device cpu") as it:
        pick_device("cuda:99")
    assert it.value.status == 1
    assert "\n" not in str(it.value)


@pytest.mark.parametrize(
    ("dataset", "epochs", "batch_size"), [("digits", 30, 32), ("fuzzy-rgb", 24, 128)]
)
def test_sizes_suit_the_data_where_none_were_given(dataset, epochs, batch_size):
    spec = resolve(dataset)
    sized = Task.load(spec).sized().spec
    assert (sized.epochs, sized.batch_size) == (epochs, batch_size)
    assert Task.load(resolve(dataset, epochs=3)).sized().spec.epochs == 3


def test_a_class_without_training_images_cannot_be_in_every_batch(study, embeddings, monkeypatch):
    from sweeper import data

    spec = study(dataset=str(embeddings), per_class=2)
    split = data.split(data.load(spec.dataset), hold_out=False, seed=0)
    labels = split.train_labels.clamp(max=5)  # what label noise may do to the last of seven classes
    monkeypatch.setattr(data, "split", lambda *_, **__: replace(split, train_labels=labels))
    with pytest.raises(SweeperError, match="class '6' has no training images left") as caught:
        Task.load(spec)
    assert len(str(caught.value).splitlines()) == 1


def test_augmentation_needs_images_and_adacos_three_classes(quick, study):
    with pytest.raises(UsageError, match="the data are embeddings; leave it out"):
        Task.load(quick(augmentation={"crop": 1}))
    two = {"dataset": "digits[classes=0-1]", "space": {"lr": {"low": 0.001, "high": 0.01}}}
    with pytest.raises(UsageError, match="adacos needs at least 3 classes"):
        Task.load(study(**two, loss="adacos", controls=[], fixed={}))
    with pytest.raises(UsageError, match="has nothing to train, and neither has triplet"):
        Task.load(quick(loss="triplet", net="head", space={"margin": {"low": 0.1, "high": 1}}))
