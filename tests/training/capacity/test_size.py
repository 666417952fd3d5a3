"""How many members are trained together where nothing was measured."""

import pytest
import torch

from sweeper.training import TrainingRecipe, fitting_members


@pytest.fixture(autouse=True)
def nothing_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path))


def test_more_members_of_smaller_nets_fit(make_data):
    small = fitting_members(
        make_data((1, 8, 8), dtype=torch.float32), TrainingRecipe("compact", 8, 1, 32)
    )
    large = fitting_members(
        make_data((1, 28, 28), dtype=torch.float32), TrainingRecipe("compact", 8, 1, 128)
    )
    assert small > large >= 1


def test_the_largest_layer_fits_the_room(make_data):
    # The first convolution of compact on 16x16 images gives 32 x 16 x 16 floats a sample.
    members = fitting_members(
        make_data((1, 16, 16), dtype=torch.float32), TrainingRecipe("compact", 8, 1, 64)
    )
    largest = 64 * 32 * 16 * 16 * 4
    assert members * largest <= 2**24 < (members + 1) * largest


def test_many_classes_leave_less_room(make_data):
    few = make_data((6,), classes=3, dtype=torch.float32)
    many = make_data((6,), classes=30_000, n=60, dtype=torch.float32)
    assert fitting_members(few, TrainingRecipe("head", 6, 1, 32)) == 64
    assert fitting_members(many, TrainingRecipe("head", 6, 1, 32)) == 2**24 // (30_000 * 4 * 32)


def test_losses_that_compare_samples_leave_room_for_their_pairs(make_data):
    data = make_data((6,), dtype=torch.float32)
    assert fitting_members(data, TrainingRecipe("head", 6, 1, 512)) == 64
    assert fitting_members(data, TrainingRecipe("head", 6, 1, 512), pairs=True) == 2**24 // (
        50 * 512 * 512
    )
