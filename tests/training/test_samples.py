import numpy as np
import torch

from sweeper import data
from sweeper.training import TrainingData


def test_images_are_standardized_by_the_training_images_alone():
    dataset = data.load("fuzzy-rgb[per_class=20]")
    split = data.split(dataset, hold_out=False)
    of = TrainingData.of(dataset, split, dtype=torch.float64)
    pixels = dataset.inputs[split.train].numpy().astype(np.float64)
    mean, std = pixels.mean(axis=(0, 2, 3)), pixels.std(axis=(0, 2, 3))
    np.testing.assert_allclose(of.mean.flatten(), mean, rtol=1e-12)
    np.testing.assert_allclose(of.std.flatten(), std, rtol=1e-12)
    batch = of.batch(of.train.inputs).numpy()
    np.testing.assert_allclose(batch.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(batch.std(axis=(0, 2, 3)), 1, rtol=1e-12)


def test_a_channel_that_never_varies_stays_finite():
    dataset = data.load("fuzzy-rgb[per_class=20]")
    dataset.inputs[:, 1] = 7
    of = TrainingData.of(dataset, data.split(dataset, hold_out=False))
    assert of.batch(of.train.inputs)[:, 1].abs().max() == 0


def test_choosing_sees_validation_and_the_end_sees_test():
    dataset = data.load("digits")
    split = data.split(dataset, hold_out=True)
    choosing = TrainingData.of(dataset, split, "validation")
    ending = TrainingData.of(dataset, split, "test")
    assert choosing.measured.inputs.equal(dataset.inputs[split.validation])
    assert ending.measured.inputs.equal(dataset.inputs[split.test])
    assert ending.validation.inputs.equal(choosing.validation.inputs)
    assert choosing.held_out.inputs.equal(dataset.inputs[split.held_out_validation])
    assert ending.held_out.inputs.equal(dataset.inputs[split.held_out_test])
    assert not set(choosing.held_out.labels.tolist()) & set(ending.held_out.labels.tolist())


def test_label_noise_reaches_training_alone():
    dataset = data.load("digits[noise=0.5, per_class=50]")
    split = data.split(dataset, hold_out=False)
    of = TrainingData.of(dataset, split)
    assert 0.4 < (of.train.labels != dataset.labels[split.train]).float().mean() < 0.6
    assert of.validation.labels.equal(dataset.labels[split.validation])
