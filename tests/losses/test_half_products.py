import math

import pytest
import torch

from sweeper.losses import CombinedMarginLoss, SoftmaxLoss, cosine_similarity
from sweeper.losses.half_products import half_cosine, half_products, pays_off

#: Half the distance of two neighboring numbers in bfloat16, as a share of them.
ROUNDING = 2.0**-9


@pytest.fixture
def many():
    """Features, class weights of two members, and labels."""
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(2, 16, 256, generator=generator)
    weight = torch.randn(2, 300, 256, generator=generator)
    return features, weight, torch.randint(300, (2, 16), generator=generator)


def own(scores, labels):
    return scores.gather(-1, labels.unsqueeze(-1))


def test_cosines_are_rounded_but_for_a_samples_own_class(many):
    features, weight, labels = many
    exact, found = cosine_similarity(features, weight), half_cosine(*many)
    assert (own(found, labels) - own(exact, labels)).abs().max() < 1e-6
    # Of the vectors' numbers as many are rounded up as down, of the sum all are one number.
    assert 1e-6 < (found - exact).abs().max() < 2 * ROUNDING * exact.abs().max()


def test_a_small_angle_to_the_own_class_stays_exact(many):
    _, weight, labels = many
    centers = weight.gather(1, labels.unsqueeze(-1).expand(-1, -1, 256))
    aside = torch.randn(centers.shape, generator=torch.Generator().manual_seed(1))
    aside -= centers * (aside * centers).sum(-1, keepdim=True) / centers.square().sum(-1, True)
    unit = torch.nn.functional.normalize
    features = math.cos(0.05) * unit(centers, dim=-1) + math.sin(0.05) * unit(aside, dim=-1)
    angles = own(half_cosine(features, weight, labels), labels).acos()
    torch.testing.assert_close(angles, torch.full_like(angles, 0.05), rtol=0, atol=1e-5)


@pytest.mark.parametrize("margins", [{}, {"m2": 0.5}, {"m1": 1.2, "m3": 0.2}])
def test_gradients_are_rounded_alone(many, margins):
    features, weight, labels = many
    found = []
    for half in (False, True):
        x = features.clone().requires_grad_()
        of_members = {name: torch.tensor([value, value]) for name, value in margins.items()}
        loss = CombinedMarginLoss(300, 256, scale=torch.tensor([16.0, 16.0]), **of_members)
        loss.weight.data = weight.clone()
        loss.rounds_products = half
        value = loss(x, labels)
        value.sum().backward()
        found.append((value.detach(), x.grad, loss.weight.grad))
    for exact, rounded in zip(*found, strict=True):
        assert 0 < (exact - rounded).norm() < 2 * ROUNDING * exact.norm()


def test_plain_softmax_likewise(many):
    features, weight, labels = many
    found = []
    for half in (False, True):
        x = features.clone().requires_grad_()
        loss = SoftmaxLoss(300, 256, members=2)
        loss.weight.data, loss.rounds_products = weight.clone() / 16, half
        loss.bias.data.zero_()
        value = loss(x, labels)
        value.sum().backward()
        found.append((value.detach(), x.grad, loss.weight.grad, loss.bias.grad))
    for exact, rounded in zip(*found, strict=True):
        assert 0 < (exact - rounded).norm() < 2 * ROUNDING * exact.norm()


def test_zeros_have_the_cosine_zero_and_no_gradient(many):
    _, weight, labels = many
    features = torch.zeros(2, 16, 256, requires_grad=True)
    cosine = half_cosine(features, weight, labels)
    cosine.sum().backward()
    assert not cosine.any()
    assert not features.grad.any()


def test_it_is_for_many_class_weights_in_float32_on_a_cpu(many):
    features, weight, labels = many
    assert pays_off(features, weight, labels)
    assert not pays_off(features, weight[:, :10], labels)
    assert not pays_off(features.double(), weight.double(), labels)
    assert not pays_off(features.to("meta"), weight.to("meta"), labels)
    # What the usual way broadcasts or refuses is left to it.
    assert not pays_off(features, weight, labels[:1])
    assert not pays_off(features, weight, labels[0])
    assert not pays_off(features[..., :-1], weight, labels)


def test_nothing_is_rounded_unless_asked_for(many):
    features, weight, labels = many
    loss = CombinedMarginLoss(300, 256, scale=16.0)
    loss.weight.data = weight[0].clone()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(
            loss(features[0], labels[0]),
            torch.nn.functional.cross_entropy(
                16 * cosine_similarity(features[0], weight[0]), labels[0]
            ),
        )


@pytest.mark.parametrize("products", [half_cosine, half_products])
def test_a_label_without_a_class(many, products):
    features, weight, labels = many
    with pytest.raises(ValueError, match="labels must be from 0 to 299"):
        products(features, weight, labels + 300)
