"""Arrays under other protocols against plain loops: balanced batches, decay, augmentation."""

import math

import pytest
import torch

from sweeper.registry.setting import Setting
from sweeper.training import FusedTrainer, TrainingProtocol, TrainingRecipe
from sweeper.training.augmentation import Augmentation

SETTINGS = [
    Setting("softmax", lr=3e-3),
    Setting("arcface", m2=0.3, scale=8, lr=2e-3, weight_decay=0.1),
    Setting.of("softmax", {"sigma2r.lambda": 0.02, "sigma2r.n_neighbors": 2, "term_lr": 0.1}),
    Setting.of("triplet", {"margin": 0.3}, ["center"]),
    Setting.of("cosface", {"m3": 0.1, "scale": 8, "warmup": 0.5}),
]
LA_GRASSA = TrainingProtocol("epoch", 3, Augmentation(2, math.radians(15), True, True))


@pytest.mark.parametrize(
    "protocol",
    [
        TrainingProtocol("epoch"),
        TrainingProtocol(per_class=3),
        TrainingProtocol(augmentation=Augmentation(crop=2)),
        TrainingProtocol(augmentation=Augmentation(rotation=0.4)),
        TrainingProtocol(augmentation=Augmentation(horizontal_flip=True, vertical_flip=True)),
        LA_GRASSA,
    ],
    ids=["epoch", "balanced", "crop", "rotation", "flips", "LA_GRASSA"],
)
def test_an_array_gives_what_separate_runs_give(make_data, compare, protocol):
    data, leave = make_data((3, 8, 8)), [[0, 1, 2, 4], [1, 2]]
    compare(data, SETTINGS, [0, 5], "compact", 3, leave, protocol=protocol)


def test_classes_of_different_sizes_are_balanced_alike(make_data, compare):
    data = make_data((3, 8, 8), classes=4, n=30)
    data.train.labels[:20] = data.train.labels[:20] % 2
    compare(data, SETTINGS, [2], "compact", 2, protocol=LA_GRASSA)


class Watched(FusedTrainer):
    """An array that notes what goes into its nets and its losses."""

    def __init__(self, *how):
        super().__init__(*how)
        self.inputs, self.labels, self.rates = [], [], []
        self.net.register_forward_pre_hook(self._note_inputs)
        self.criterion.register_forward_pre_hook(self._note_labels)

    def _note_inputs(self, module, given):
        if module.training:
            self.inputs.append(given[0].clone())

    def _note_labels(self, _, given):
        self.labels.append(given[1].clone())


def watched(data, settings, seeds, protocol):
    array = Watched(data, settings, seeds, TrainingRecipe("compact", 4, 2, 16, protocol))
    for _ in range(2):
        array.train_epoch()
    return array


@pytest.mark.parametrize("protocol", [TrainingProtocol(), LA_GRASSA], ids=["usual", "LA_GRASSA"])
def test_losses_of_a_seed_see_the_same_images_in_the_same_order(make_data, protocol):
    data = make_data((3, 8, 8))
    together = watched(data, SETTINGS, [0, 5], protocol)
    assert len(together.inputs) == 2 * together.steps
    for setting in SETTINGS:
        alone = watched(data, [setting], [5], protocol)
        for inputs, labels, own, own_labels in zip(
            together.inputs, together.labels, alone.inputs, alone.labels, strict=True
        ):
            assert inputs[1:].equal(own)
            assert labels[5:].equal(own_labels.expand(5, -1))


@pytest.mark.parametrize("protocol", [TrainingProtocol(), LA_GRASSA], ids=["usual", "LA_GRASSA"])
def test_two_seeds_see_different_images(make_data, protocol):
    array = watched(make_data((3, 8, 8)), SETTINGS[:2], [0, 5], protocol)
    for inputs in array.inputs:
        assert inputs.shape[0] == 2  # one batch a seed, which its members share
        assert not inputs[0].equal(inputs[1])


def test_the_same_samples_are_changed_anew_each_step(make_data):
    data = make_data((3, 8, 8), n=12)  # each step has all of them
    protocol = TrainingProtocol(augmentation=LA_GRASSA.augmentation)
    array = watched(data, SETTINGS[:1], [0], protocol)
    ordered = [
        inputs[0].flatten(1).sum(dim=1).sort().values for inputs in array.inputs
    ]  # of images, whatever their order
    assert len(ordered) == 2
    assert not torch.isclose(ordered[0], ordered[1]).all()


def test_measuring_augments_nothing(make_data):
    data = make_data((3, 8, 8))
    array = FusedTrainer(data, SETTINGS, [0], TrainingRecipe("compact", 4, 2, 16, LA_GRASSA))
    plain = FusedTrainer(data, SETTINGS, [0], TrainingRecipe("compact", 4, 2, 16))
    inputs = data.measured.inputs
    assert array.embed(inputs).equal(plain.embed(inputs))
    assert array.logits(array.embed(inputs)).equal(plain.logits(plain.embed(inputs)))


def test_every_batch_is_balanced_and_a_class_without_samples_refused(make_data):
    data = make_data((3, 8, 8), classes=4)
    array = watched(data, SETTINGS, [0, 5], TrainingProtocol(per_class=3))
    assert array.steps == 5
    for labels in array.labels:
        for row in labels:
            assert torch.bincount(row).tolist() == [3] * 4
    data.train.labels[data.train.labels == 1] = 0
    with pytest.raises(ValueError, match="some classes have no samples"):
        FusedTrainer(
            data, SETTINGS, [0], TrainingRecipe("compact", 4, 2, 16, TrainingProtocol(per_class=3))
        )
