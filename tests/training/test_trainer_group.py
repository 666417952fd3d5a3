"""Arrays side by side against one array of all seeds."""

import torch

from sweeper.registry.setting import Setting
from sweeper.training import (
    FusedTrainer,
    TrainerGroup,
    TrainingRecipe,
    measure,
    validation_accuracy,
)
from sweeper.training import trainer_group as module

SETTINGS = [Setting("softmax"), Setting("arcface", m2=0.3, scale=16), Setting("cosface", m3=0.2)]


def test_seeds_apart_are_what_they_are_together(make_data, monkeypatch):
    data = make_data(held_out=True)
    monkeypatch.setattr(module, "fitting_members", lambda *_: 7)  # room for two seeds of three
    apart = TrainerGroup(data, SETTINGS, range(5), TrainingRecipe("compact", 4, 3, 16))
    together = FusedTrainer(data, SETTINGS, range(5), TrainingRecipe("compact", 4, 3, 16))
    assert [array.seeds for array in apart.trainers] == [[0, 1], [2, 3], [4]]
    for epoch in range(3):
        losses = apart.train_epoch()
        torch.testing.assert_close(losses, together.train_epoch(), rtol=0, atol=1e-11)
        torch.testing.assert_close(apart.validation_accuracy(), validation_accuracy(together))
        if epoch == 0:
            apart.keep([0, 2])
            together.keep([0, 2])
    objectives = ["accuracy", "retrieval", "compactness"]
    found, expected = apart.measure(objectives), measure(together, objectives)
    for name in objectives:
        torch.testing.assert_close(found.values[name], expected.values[name])
    torch.testing.assert_close(found.recall, expected.recall)
    torch.testing.assert_close(found.spread, expected.spread)


def test_what_fits_is_one_array(make_data):
    assert (
        len(
            TrainerGroup(
                make_data(), SETTINGS, range(4), TrainingRecipe("compact", 4, 3, 16)
            ).trainers
        )
        == 1
    )
