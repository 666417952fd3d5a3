import numpy as np
import torch

from sweeper import data
from sweeper.training import Samples, TrainingData


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
    for seed in range(5):
        own, a, b = split.of_seed(seed), choosing.of_seed(seed), ending.of_seed(seed)
        assert a.train.gathered().equal(dataset.inputs[own.train])
        assert a.measured.gathered().equal(dataset.inputs[own.validation])
        assert b.measured.gathered().equal(dataset.inputs[own.test])
        assert b.validation.gathered().equal(a.validation.gathered())
        assert a.held_out.gathered().equal(dataset.inputs[own.held_out_validation])
        assert b.held_out.gathered().equal(dataset.inputs[own.held_out_test])
        assert a.held_out.labels.equal(dataset.labels[own.held_out_validation])
        assert not set(a.held_out.labels.tolist()) & set(b.held_out.labels.tolist())
    assert a.train.inputs.data_ptr() == choosing.train.inputs.data_ptr()  # kept once for all folds


def test_all_folds_are_standardised_alike_by_the_images_that_any_of_them_trains_on():
    dataset = data.load("digits[per_class=30]")
    split = data.split(dataset, hold_out=True)
    of = TrainingData.of(dataset, split, dtype=torch.float64)
    trained = sorted({place for each in split.folds for place in each.train.tolist()})
    pixels = dataset.inputs[trained].numpy().astype(np.float64)
    np.testing.assert_allclose(of.mean.flatten(), pixels.mean(axis=(0, 2, 3)), rtol=1e-12)
    for each in of.folds:
        assert each.mean.equal(of.mean)
        assert each.std.equal(of.std)


def test_a_part_of_samples_is_some_of_them():
    inputs, labels = torch.arange(10.0)[:, None], torch.arange(5)
    places = torch.tensor([9, 7, 5, 3, 1])
    part = Samples(inputs, labels, places).part(1, 3)
    assert part.gathered().flatten().tolist() == [7, 5]
    assert part.labels.tolist() == [1, 2]
    assert Samples(inputs[:5], labels).part(3, 9).gathered().flatten().tolist() == [3, 4]


def test_label_noise_reaches_training_alone():
    dataset = data.load("digits[noise=0.5, per_class=50]")
    split = data.split(dataset, hold_out=False)
    of = TrainingData.of(dataset, split)
    assert 0.4 < (of.train.labels != dataset.labels[split.train]).float().mean() < 0.6
    assert of.validation.labels.equal(dataset.labels[split.validation])
