"""Each loss of a setting against a cross-entropy written by hand."""

import math

import pytest
import torch

from sweeper.losses import combined_margin_logits, make_loss
from sweeper.repository.answer import Gain, Recommendation
from sweeper.setting import LOSSES, Setting

SETTINGS = [
    Setting("softmax"),
    Setting("normalised-softmax", scale=7.0),
    Setting("sphereface", m1=1.2, scale=11.0),
    Setting("cosface", m3=-0.1, scale=9.0),
    Setting("arcface", m2=0.45, scale=30.0),
    Setting("combined", m1=0.95, m2=0.2, m3=0.15, scale=5.0),
]


def cross_entropy(logits, labels):
    """By hand: the mean of ln Σ exp(z_j) - z_y."""
    rows = zip(logits.tolist(), labels.tolist(), strict=True)
    losses = [math.log(sum(math.exp(z) for z in row)) - row[label] for row, label in rows]
    return sum(losses) / len(losses)


def expected(setting, loss, features, labels):
    weight = loss.weight.detach()
    if setting.loss == "softmax":
        return cross_entropy(features @ weight.T + loss.bias.detach(), labels)
    cosine = (features @ weight.T) / (
        features.norm(dim=1, keepdim=True) * weight.norm(dim=1, keepdim=True).T
    )
    margins = {name: getattr(setting, name) for name in ("m1", "m2", "m3", "scale")}
    return cross_entropy(combined_margin_logits(cosine, labels, **margins), labels)


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(3)
    features = torch.randn(12, 6, generator=generator, dtype=torch.float64)
    return features, torch.arange(12) % 4


def test_every_loss_is_here():
    assert {setting.loss for setting in SETTINGS} == set(LOSSES)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.loss)
def test_the_value_is_that_of_its_margins(setting, batch):
    loss = make_loss(setting, 4, 6).double()
    assert loss(*batch).item() == pytest.approx(expected(setting, loss, *batch), rel=1e-12)
    loss(*batch).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in loss.parameters())


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.loss)
def test_a_recommendation_makes_its_own_loss(setting, batch):
    answer = Recommendation("accuracy", True, setting, Gain(0, 0, 0), {}, (), (), (), "")
    loss = answer.loss(4, 6).double()
    assert type(loss) is type(make_loss(setting, 4, 6))
    assert loss(*batch).item() == pytest.approx(expected(setting, loss, *batch), rel=1e-12)


@pytest.mark.parametrize(("sizes", "named"), [((1, 6), "num_classes"), ((4, 0), "embedding_size")])
def test_sizes_too_small_are_refused(sizes, named):
    for setting in SETTINGS:
        with pytest.raises(ValueError, match=named):
            make_loss(setting, *sizes)
