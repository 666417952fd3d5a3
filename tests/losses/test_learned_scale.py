"""A scale learned through its logarithm."""

import copy
import math

import pytest
import torch

from sweeper.losses import (
    ArcFaceLoss,
    CombinedMarginLoss,
    CosFaceLoss,
    NormalizedSoftmaxLoss,
    SphereFaceLoss,
)

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
SCALES = [8.0, 30.0, 64.0]


def test_the_scale_starts_at_the_given_value():
    loss = ArcFaceLoss(5, 6, scale=30.0, learn_scale=True)
    assert loss.log_scale.shape == ()
    assert loss.scale.item() == pytest.approx(30.0, rel=1e-6)
    array = ArcFaceLoss(5, 6, scale=torch.tensor(SCALES), learn_scale=True)
    assert array.log_scale.shape == (3,)
    assert array.scale.tolist() == pytest.approx(SCALES, rel=1e-6)
    other = ArcFaceLoss(5, 6, margin=torch.zeros(2), scale=30.0, learn_scale=True)
    assert other.scale.tolist() == pytest.approx([30.0, 30.0], rel=1e-6)


def test_a_fixed_scale_is_unchanged():
    assert ArcFaceLoss(5, 6, scale=30).scale == 30
    assert "log_scale" not in dict(ArcFaceLoss(5, 6).named_parameters())
    with pytest.raises(AttributeError, match="log_scale"):
        _ = ArcFaceLoss(5, 6).log_scale


def test_single_member(plain, batch):
    features, labels = batch(30, 6, num_classes=5)
    loss = ArcFaceLoss(5, 6, margin=0.4, scale=30.0, learn_scale=True).double()
    loss.log_scale.data.fill_(math.log(17.0))
    numbers = features.tolist(), loss.weight.tolist(), labels.tolist()
    expected = plain.margin_loss(*numbers, m2=0.4, scale=17.0)
    assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)
    cosine = plain.cosine(features[0].tolist(), loss.weight[3].tolist())
    assert loss.logits(features)[0, 3].item() == pytest.approx(17.0 * cosine, rel=1e-12)


def test_array(plain, batch):
    features, labels = batch(3, 30, 6, num_classes=5)
    margins = [-0.2, 0.5, 0.8]
    loss = ArcFaceLoss(
        5,
        6,
        margin=torch.tensor(margins, dtype=torch.float64),
        scale=torch.tensor(SCALES, dtype=torch.float64),
        learn_scale=True,
    ).double()
    expected = [
        plain.margin_loss(
            features[k].tolist(), loss.weight[k].tolist(), labels.tolist(), m2=margin, scale=scale
        )
        for k, (margin, scale) in enumerate(zip(margins, SCALES, strict=True))
    ]
    assert loss(features, labels).tolist() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", ["Adam", "SGD"])
def test_array_members_train_like_single_ones(batch, kind):
    features, labels = batch(3, 30, 6, num_classes=5)
    array = CosFaceLoss(5, 6, scale=torch.tensor(SCALES).double(), learn_scale=True).double()
    modules = [CosFaceLoss(5, 6, scale=s, learn_scale=True).double() for s in SCALES]
    for k, alone in enumerate(modules):
        alone.weight.data = array.weight.data[k].clone()
        alone.log_scale.data = array.log_scale.data[k].clone()
    for module in (array, *modules):
        optimizer = getattr(torch.optim, kind)(module.parameters(), lr=0.01)
        for _ in range(6):
            optimizer.zero_grad()
            own = features if module is array else features[modules.index(module)]
            module(own, labels).sum().backward()
            optimizer.step()
    assert (array.scale - torch.tensor(SCALES)).abs().min() > 1e-3
    for k, alone in enumerate(modules):
        torch.testing.assert_close(array.scale[k], alone.scale, rtol=1e-10, atol=0)
        torch.testing.assert_close(array.weight[k], alone.weight, rtol=0, atol=1e-10)


@pytest.mark.parametrize("array", [False, True])
def test_gradients(batch, array):
    features, labels = batch(*((2, 6, 3) if array else (6, 3)), num_classes=4)
    scale = torch.tensor([2.0, 5.0]) if array else 3.0
    loss = ArcFaceLoss(4, 3, scale=scale, learn_scale=True).double()

    def value(features, weight, log_scale):
        own = {"weight": weight, "log_scale": log_scale}
        return torch.func.functional_call(loss, own, (features, labels))

    inputs = (features.requires_grad_(), loss.weight, loss.log_scale)
    assert torch.autograd.gradcheck(value, inputs)


def test_the_gradient_is_that_of_the_scale_times_the_scale(batch):
    features, labels = batch(30, 6, num_classes=5)
    loss = NormalizedSoftmaxLoss(5, 6, scale=9.0, learn_scale=True).double()
    loss(features, labels).backward()
    step = 1e-5
    held = NormalizedSoftmaxLoss(5, 6).double()
    held.weight.data, values = loss.weight.data, []
    for scale in (loss.scale.item() * (1 - step), loss.scale.item() * (1 + step)):
        held.scale = scale
        values.append(held(features, labels).item())
    slope = (values[1] - values[0]) / (2 * step)
    assert loss.log_scale.grad.item() == pytest.approx(slope, rel=1e-6)


def test_the_scale_stays_positive(batch):
    """Random labels: the best scale is small, and a step on s itself would go below 0."""
    features, labels = batch(30, 6, num_classes=5)
    loss = NormalizedSoftmaxLoss(5, 6, scale=1.0, learn_scale=True).double()
    optimizer = torch.optim.SGD([loss.log_scale], lr=50.0)
    for _ in range(20):
        optimizer.zero_grad()
        loss(-10 * loss.weight.detach()[labels] + features, labels).backward()
        optimizer.step()
    assert 0 < loss.scale.item() < 1


def test_state_dict_round_trip(batch):
    features, labels = batch(3, 30, 6, num_classes=5)
    first = ArcFaceLoss(5, 6, scale=torch.tensor(SCALES), learn_scale=True).double()
    second = ArcFaceLoss(5, 6, scale=torch.ones(3), learn_scale=True).double()
    assert set(first.state_dict()) == {"weight", "log_scale", "m1", "m2", "m3"}
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(features, labels), second(features, labels))
    assert torch.equal(copy.deepcopy(first)(features, labels), second(features, labels))
    assert "learn_scale=True" in repr(first)


@pytest.mark.parametrize(
    ("kind", "margin"),
    [(ArcFaceLoss, "m2"), (CosFaceLoss, "m3"), (SphereFaceLoss, "m1")],
)
def test_every_margin_loss_supports_it(batch, kind, margin):
    features, labels = batch(30, 6, num_classes=5)
    loss = kind(5, 6, 1.2, 16.0, learn_scale=True)
    combined = CombinedMarginLoss(5, 6, **{margin: 1.2}, learn_scale=True)
    combined.load_state_dict(loss.state_dict())
    assert torch.equal(loss(features.float(), labels), combined(features.float(), labels))


def test_all_options_at_once(batch):
    features, labels = batch(3, 30, 6, num_classes=5)
    options = {"subcenters": 2, "learn_scale": True}
    array = ArcFaceLoss(5, 6, scale=torch.tensor(SCALES), warmup_steps=4, **options).double()
    for k, scale in enumerate(SCALES):
        alone = ArcFaceLoss(5, 6, scale=scale, warmup_steps=4, **options).double()
        alone.weight.data = array.weight.data[k]
        alone.log_scale.data = array.log_scale.data[k]
        array.step.fill_(3)
        alone.step.fill_(3)
        expected = alone(features[k], labels).item()
        assert array(features, labels)[k].item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["equal", "zero", "one"])
@pytest.mark.parametrize("classes", [2, 5])
def test_odd_batches_stay_finite(dtype, kind, classes):
    loss = ArcFaceLoss(classes, 6, scale=torch.tensor(SCALES), learn_scale=True)
    loss = loss.double() if dtype == torch.float64 else loss
    batch = {
        "equal": torch.randn(6).expand(3, 4, 6),
        "zero": torch.zeros(3, 4, 6),
        "one": torch.randn(3, 1, 6),
    }[kind]
    features = batch.to(dtype).clone().requires_grad_()
    values = loss(features, torch.arange(features.shape[1]) % classes)
    values.sum().backward()
    assert values.isfinite().all()
    assert features.grad.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in loss.parameters())


def test_a_scale_of_half_precision_is_computed_in_float32(batch):
    features, labels = batch(30, 6, num_classes=5)
    loss = ArcFaceLoss(5, 6, scale=64.0, learn_scale=True).half()
    assert loss.scale.dtype == torch.float32
    assert loss(features.half(), labels).dtype == torch.float32


@pytest.mark.parametrize("scale", [0.0, -1.0, math.inf, torch.tensor([1.0, 0.0])])
def test_an_initial_scale_without_a_logarithm(scale):
    with pytest.raises(ValueError, match="scale must be"):
        ArcFaceLoss(5, 6, scale=scale, learn_scale=True)
