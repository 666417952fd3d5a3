"""What is refused once the data of a study are known."""

import re
from dataclasses import replace

import numpy as np
import pytest

from sweeper.errors import SweeperError, UsageError
from sweeper.study.task import Task


@pytest.mark.parametrize("objective", ["retrieval", "compactness"])
def test_an_objective_that_no_setting_can_change_is_refused(objective, quick):
    with pytest.raises(UsageError, match=f"{objective} is the same for every setting; use the net"):
        Task.load(quick(objectives=["accuracy", objective], net="head"))
    assert Task.load(quick(objectives=[objective], net="linear"))


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


def test_a_class_without_training_images_cannot_be_in_every_batch(study, embeddings, monkeypatch):
    from sweeper import data

    spec = study(dataset=str(embeddings), per_class=2)
    split = data.split(data.load(spec.dataset), hold_out=False, seed=0)
    labels = split.train_labels.clamp(max=5)  # what label noise may do to the last of seven classes
    monkeypatch.setattr(data, "split", lambda *_, **__: replace(split, train_labels=labels))
    with pytest.raises(SweeperError, match="class '6' has no training images left") as caught:
        Task.load(spec)
    assert len(str(caught.value).splitlines()) == 1


def test_batches_of_all_classes_need_enough_of_the_largest(study):
    content = {"dataset": "digits[classes=0-2, per_class=20]"}
    assert Task.load(study(**content, per_class=12))  # 60 % of each class train
    words = "per_class = 13 is more than any class of digits.* has to .*; use at most 12$"
    with pytest.raises(UsageError, match=words):
        Task.load(study(**content, per_class=13))


def test_a_crop_leaves_something_of_an_image(study):
    assert Task.load(study(augmentation={"crop": 7}))
    with pytest.raises(UsageError, match="crop = 8 can cut away all of an image of 8x8 pixels; us"):
        Task.load(study(augmentation={"crop": 8}))


def test_augmentation_needs_images_and_adacos_three_classes(quick, study):
    with pytest.raises(UsageError, match="the data are embeddings; leave it out"):
        Task.load(quick(augmentation={"crop": 1}))
    two = {"dataset": "digits[classes=0-1]", "space": {"lr": {"low": 0.001, "high": 0.01}}}
    with pytest.raises(UsageError, match="adacos needs at least 3 classes"):
        Task.load(study(**two, loss="adacos", controls=[], fixed={}))
    with pytest.raises(UsageError, match="has nothing to train, and neither has triplet"):
        Task.load(quick(loss="triplet", net="head", space={"margin": {"low": 0.1, "high": 1}}))
