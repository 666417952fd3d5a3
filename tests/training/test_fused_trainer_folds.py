"""An array whose seeds hold out classes of their own, against separate plain runs."""

from dataclasses import replace

import pytest
import torch

from sweeper import data, metrics
from sweeper.data import Dataset
from sweeper.losses.cosine import unit_length
from sweeper.registry.setting import Setting
from sweeper.training import (
    FusedTrainer,
    TrainingData,
    TrainingProtocol,
    TrainingRecipe,
    measure,
    validation_accuracy,
)

SETTINGS = [
    Setting("softmax", lr=3e-3),
    Setting("arcface", m2=0.4, scale=16, lr=5e-3),
    Setting.of("triplet", {"lr": 3e-3}),
]
RECIPE = TrainingRecipe("mlp", 4, 1, 16)
SEEDS = [3, 0, 6]  # folds 3, 0 and 2
#: Of unlike size, so that the folds train on unlike numbers of images.
SIZES = [9, 31, 12, 25, 14, 40, 10, 22, 17, 28, 11]


def blobs(shape: tuple[int, ...]) -> Dataset:
    generator = torch.Generator().manual_seed(3)
    labels = torch.arange(len(SIZES)).repeat_interleave(torch.tensor(SIZES))
    centers = torch.rand(len(SIZES), *shape, generator=generator) * 150
    inputs = centers[labels] + torch.rand(len(labels), *shape, generator=generator) * 90
    images = len(shape) == 3
    return Dataset(
        name="blobs",
        source="blobs",
        inputs=inputs.to(torch.uint8) if images else inputs / 255,
        labels=labels,
        class_names=tuple(map(str, range(len(SIZES)))),
    )


def alone(whole: TrainingData, dataset: Dataset, split: data.Split, seed: int) -> TrainingData:
    """The data of a seed as if there were no other fold."""
    of = TrainingData.of(dataset, split.of_seed(seed), dtype=torch.float64)
    assert not of.folds
    return replace(of, mean=whole.mean, std=whole.std)


@pytest.mark.parametrize(
    ("net", "shape", "protocol"),
    [
        ("mlp", (6,), TrainingProtocol()),
        ("lenet", (1, 12, 12), TrainingProtocol()),
        ("mlp", (6,), TrainingProtocol(per_class=2)),
    ],
)
def test_each_seed_gives_what_it_gives_alone(plain_run, net, shape, protocol) -> None:
    dataset = blobs(shape)
    split = data.split(dataset, hold_out=True, seed=2)
    whole = TrainingData.of(dataset, split, dtype=torch.float64)
    counts = [len(each.train) for each in split.folds]
    assert len(set(counts)) > 1
    how = net, 4, 3, 16, protocol
    trainer = FusedTrainer(whole, SETTINGS, SEEDS, TrainingRecipe(*how))
    plain = {
        (r, k): plain_run(
            alone(whole, dataset, split, seed), setting, seed, *how, drawn=min(counts)
        )
        for r, seed in enumerate(SEEDS)
        for k, setting in enumerate(SETTINGS)
    }
    for _ in range(3):
        losses = trainer.train_epoch()
        features = trainer.embed_own([of.measured for of in trainer.of_seeds])
        logits = trainer.logits(features)
        for (r, k), run in plain.items():
            loss, embedded, classified, _ = next(run)
            member, n = r * len(SETTINGS) + k, len(embedded)
            assert n == len(split.of_seed(SEEDS[r]).validation)
            assert losses[r, k].item() == pytest.approx(loss, rel=1e-9)
            torch.testing.assert_close(features[member, :n], embedded, rtol=1e-9, atol=1e-9)
            torch.testing.assert_close(logits[member, :n], classified, rtol=1e-9, atol=1e-9)


def test_each_seed_is_measured_on_its_own_classes() -> None:
    dataset = blobs((6,))
    split = data.split(dataset, hold_out=True, seed=2)
    for part in ("validation", "test"):
        whole = TrainingData.of(dataset, split, part, dtype=torch.float64)
        trainer = FusedTrainer(whole, SETTINGS[:2], SEEDS, RECIPE)
        trainer.train_epoch()
        found = measure(trainer, ("accuracy", "retrieval", "compactness"))
        for r, seed in enumerate(SEEDS):
            of = split.of_seed(seed)
            images, labels, held_out = of.test, of.test_labels, of.held_out_test
            if part == "validation":
                images, labels, held_out = (
                    of.validation,
                    of.validation_labels,
                    of.held_out_validation,
                )
            features = trainer.embed(dataset.inputs[images])[r * 2 : r * 2 + 2]
            others = trainer.embed(dataset.inputs[held_out])[r * 2 : r * 2 + 2]
            logits = trainer.logits(trainer.embed(dataset.inputs[images]))[r * 2 : r * 2 + 2]
            wanted = {
                "accuracy": (logits.argmax(dim=-1) == labels).double().mean(dim=1),
                "compactness": metrics.compactness(features, labels, len(of.trained_classes)),
                "retrieval": metrics.map_at_r(others, dataset.labels[held_out]),
            }
            for name, values in wanted.items():
                torch.testing.assert_close(
                    found.values[name][r].double(),
                    values.double(),
                    rtol=1e-6,
                    atol=1e-6,  # accuracy is a float32
                )
            for k in range(2):
                assert int(found.confusion[r, k].sum()) == len(images)
        accuracy = validation_accuracy(trainer)
        if part == "validation":
            torch.testing.assert_close(accuracy, found.values["accuracy"])


def test_of_retrieval_alone_all_else_is_left_out() -> None:
    dataset = blobs((6,))
    split = data.split(dataset, hold_out=True, seed=2, retrieval_alone=True)
    trainer = FusedTrainer(TrainingData.of(dataset, split), SETTINGS, SEEDS, RECIPE)
    trainer.train_epoch()
    found = measure(trainer, ("retrieval",))
    assert {"retrieval", "recall@1"} <= set(found.values)
    assert "accuracy" not in found.values
    assert found.recall.shape == (3, 3, 0)
    assert validation_accuracy(trainer).isnan().all()


def test_class_means_are_those_of_each_seeds_own_classes() -> None:
    dataset = blobs((6,))
    split = data.split(dataset, hold_out=True, seed=2, retrieval_alone=True)
    whole = TrainingData.of(dataset, split, dtype=torch.float64)
    trainer = FusedTrainer(whole, [SETTINGS[2]], SEEDS, RECIPE)
    trainer.train_epoch()
    for r, seed in enumerate(SEEDS):
        features = unit_length(trainer.embed(dataset.inputs)[r])
        of = split.of_seed(seed)
        means = torch.stack([features[dataset.labels == c].mean(dim=0) for c in of.trained_classes])
        torch.testing.assert_close(trainer.member_state(r, 0)[1]["means"], means)
