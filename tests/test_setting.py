"""A setting holds no number that its loss does not have."""

import math
from dataclasses import replace

import pytest

from sweeper.setting import DEFAULTS, LOSSES, Setting, paper_default

OTHER = {"m1": 1.25, "m2": 0.5, "m3": 0.5, "scale": 32.0}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", OTHER)
def test_a_loss_takes_its_own_margins_alone(loss, name):
    if name in LOSSES[loss]:
        assert getattr(Setting(loss, **{name: OTHER[name]}), name) == OTHER[name]
    else:
        with pytest.raises(ValueError, match=f"{loss} has no {name}: it stays .*, not"):
            Setting(loss, **{name: OTHER[name]})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", [*OTHER, "lr", "weight_decay"])
def test_numbers_are_finite(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a finite number"):
        Setting(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("m1", 0), ("scale", -1), ("lr", 0), ("weight_decay", -1e-9)]
)
def test_signs(name, value):
    with pytest.raises(ValueError, match="must be positive, weight_decay not negative"):
        Setting(**{name: value})


def test_an_unknown_loss():
    with pytest.raises(ValueError, match="unknown loss 'triplet'"):
        Setting("triplet")


@pytest.mark.parametrize("loss", LOSSES)
def test_published_settings_take_other_rates(loss):
    expected = replace(DEFAULTS[loss], lr=0.1, weight_decay=0.01)
    assert paper_default(loss, 0.1, 0.01) == expected
    assert expected.loss == loss


def test_descriptions_show_what_the_loss_has():
    assert Setting("softmax").describe() == "softmax"
    assert Setting("arcface", m2=0.5).describe() == "arcface (m2 0.5, scale 64)"
