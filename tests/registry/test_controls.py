import pytest

from sweeper.registry.controls import control_loss, control_name


@pytest.mark.parametrize(
    ("lr", "name"),
    [
        (None, "hard-triplet"),
        (3e-4, "hard-triplet at lr 0.0003"),
        (0.0123456, "hard-triplet at lr 0.0123"),
    ],
)
def test_a_control_has_the_name_of_its_loss_and_rate(lr, name):
    assert control_name("hard-triplet", lr) == name
    assert control_loss(name) == "hard-triplet"
