import math

import pytest

from sweeper.training import fitting_budget


@pytest.mark.parametrize(
    ("images", "epochs", "batch_size"),
    [(1, 1000, 32), (32, 1000, 32), (1078, 30, 32), (4095, 20, 32), (50_000, 4, 128)],
)
def test_few_images_are_seen_more_often(images, epochs, batch_size):
    assert fitting_budget(images) == (epochs, batch_size)


@pytest.mark.parametrize("images", [1, 10, 500, 4096, 30_000, 10**6])
@pytest.mark.parametrize("batch_size", [None, 16, 512])
def test_every_training_takes_a_thousand_steps(images, batch_size):
    budget = fitting_budget(images, batch_size)
    assert budget.batch_size == (batch_size or budget.batch_size)
    assert budget.epochs >= 4
    assert budget.epochs * math.ceil(images / budget.batch_size) >= 1000
