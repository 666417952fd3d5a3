"""Margins that rise from none to full over the first steps of training."""

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
#: Four different members: no warm-up, one that ends at once, and two that continue.
MEMBERS = {
    "m1": [1.0, 1.35, 4.0, 1.0],
    "m2": [0.5, 0.0, 0.8, -0.3],
    "m3": [0.0, 0.2, -0.1, -0.2],
    "warmup_steps": [0.0, 1.0, 3.0, 5.0],
}


def member(k):
    return {name: values[k] for name, values in MEMBERS.items()}


def stacked(dtype=torch.float64):
    return {name: torch.tensor(values, dtype=dtype) for name, values in MEMBERS.items()}


def at(t, m1, m2, m3, warmup_steps):
    """Return the margins at step t as Python numbers."""
    p = 1.0 if warmup_steps == 0 else min(1.0, t / warmup_steps)
    return {"m1": 1 + p * (m1 - 1), "m2": p * m2, "m3": p * m3}


@pytest.mark.parametrize("k", range(4))
def test_single_member(plain, batch, k):
    features, labels = batch(30, 6, num_classes=5)
    loss = CombinedMarginLoss(5, 6, **member(k), scale=16.0).double()
    numbers = features.tolist(), loss.weight.tolist(), labels.tolist()
    for t in range(7):
        expected = plain.margin_loss(*numbers, **at(t, **member(k)), scale=16.0)
        assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)


def test_array(plain, batch):
    features, labels = batch(4, 30, 6, num_classes=5)
    loss = CombinedMarginLoss(5, 6, **stacked(), scale=16.0).double()
    assert loss.step.shape == ()
    assert loss.step.dtype == torch.int64
    for t in range(7):
        expected = [
            plain.margin_loss(
                features[k].tolist(),
                loss.weight[k].tolist(),
                labels.tolist(),
                **at(t, **member(k)),
                scale=16.0,
            )
            for k in range(4)
        ]
        assert loss(features, labels).tolist() == pytest.approx(expected, rel=1e-12)


def test_array_members_train_like_single_ones(batch):
    features, labels = batch(4, 30, 6, num_classes=5)
    array = CombinedMarginLoss(5, 6, **stacked(), scale=16.0).double()
    modules = [CombinedMarginLoss(5, 6, **member(k), scale=16.0).double() for k in range(4)]
    for k, alone in enumerate(modules):
        alone.weight.data = array.weight.data[k].clone()
    for module in (array, *modules):
        optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
        for _ in range(7):
            optimizer.zero_grad()
            own = features if module is array else features[modules.index(module)]
            module(own, labels).sum().backward()
            optimizer.step()
    assert array.step.item() == 7
    assert [alone.step.item() for alone in modules[1:]] == [7, 7, 7]
    assert modules[0].step is None
    for k, alone in enumerate(modules):
        torch.testing.assert_close(array.weight[k], alone.weight, rtol=0, atol=1e-10)


@pytest.mark.parametrize("array", [False, True])
@pytest.mark.parametrize("t", [0, 2])
def test_gradients(batch, array, t):
    features, labels = batch(*((4, 6, 3) if array else (6, 3)), num_classes=4)
    loss = CombinedMarginLoss(4, 3, **(stacked() if array else member(3)), scale=4.0).double()

    def value(features, weight):
        own = {"weight": weight, "step": torch.tensor(t)}
        return torch.func.functional_call(loss, own, (features, labels))

    assert torch.autograd.gradcheck(value, (features.requires_grad_(), loss.weight))


def test_both_ends_are_exact(batch):
    features, labels = batch(4, 30, 6, num_classes=5)
    margins = stacked()
    del margins["warmup_steps"]
    loss = CombinedMarginLoss(5, 6, **margins, warmup_steps=3)
    none, full = (
        NormalizedSoftmaxLoss(5, 6, scale=torch.full((4,), 64.0)),
        CombinedMarginLoss(5, 6, **margins),
    )
    none.weight.data = full.weight.data = loss.weight.data
    values = [loss(features.float(), labels) for _ in range(5)]
    assert torch.equal(values[0], none(features.float(), labels))
    assert torch.equal(values[3], full(features.float(), labels))
    assert torch.equal(values[4], values[3])
    assert not torch.equal(values[2], values[3])


def test_evaluation_has_full_margins_and_does_not_step(batch):
    features, labels = batch(30, 6, num_classes=5)
    loss = ArcFaceLoss(5, 6, warmup_steps=10)
    full = ArcFaceLoss(5, 6)
    full.weight.data = loss.weight.data
    loss(features.float(), labels)
    loss.eval()
    assert torch.equal(loss(features.float(), labels), full(features.float(), labels))
    assert torch.equal(loss.logits(features.float()), full.logits(features.float()))
    assert loss.step.item() == 1
    loss.train()
    assert not torch.equal(loss(features.float(), labels), full(features.float(), labels))
    assert loss.step.item() == 2


def test_steps_may_be_integer_tensors(batch):
    features, labels = batch(2, 30, 6, num_classes=5)
    whole, real = (ArcFaceLoss(5, 6, warmup_steps=torch.tensor(n)) for n in ([2, 4], [2.0, 4.0]))
    real.weight.data = whole.weight.data
    for _ in range(5):
        assert torch.equal(whole(features.float(), labels), real(features.float(), labels))


def test_no_value_is_copied_to_the_cpu(monkeypatch):
    def refused(tensor):
        raise AssertionError("waits for the GPU")

    loss = CombinedMarginLoss(5, 6, **stacked(), subcenters=2, learn_scale=True)
    for name in ("item", "tolist", "__bool__", "__float__", "__int__"):
        monkeypatch.setattr(torch.Tensor, name, refused)
    labels = torch.zeros(8, dtype=torch.long)
    assert loss(torch.zeros(4, 8, 6), labels).shape == (4,)


def test_a_rejected_batch_is_not_a_step():
    loss = ArcFaceLoss(5, 6, warmup_steps=10)
    with pytest.raises(ValueError, match="from 0 to 4"):
        loss(torch.zeros(2, 6), torch.tensor([0, 5]))
    assert loss.step.item() == 0


def test_only_a_warmup_has_a_step_buffer():
    for loss in (ArcFaceLoss(5, 6), ArcFaceLoss(5, 6, warmup_steps=0)):
        assert set(loss.state_dict()) == {"weight"}
        assert loss.warmup_steps == 0
    none = ArcFaceLoss(5, 6, warmup_steps=torch.zeros(3))
    assert none.weight.shape == (3, 5, 6)
    assert "step" not in none.state_dict()
    assert "warmup_steps=10" in repr(ArcFaceLoss(5, 6, warmup_steps=10))
    assert "warmup_steps" not in repr(ArcFaceLoss(5, 6))


def test_state_dict_round_trip(batch):
    features, labels = batch(4, 30, 6, num_classes=5)
    first, second = (CombinedMarginLoss(5, 6, **stacked()).double() for _ in range(2))
    for _ in range(2):
        first(features, labels)
    second.load_state_dict(first.state_dict())
    assert second.step.item() == 2
    assert torch.equal(first(features, labels), second(features, labels))
    loss = ArcFaceLoss(5, 6, warmup_steps=3).half()
    assert loss.step.dtype == torch.int64


@pytest.mark.parametrize(
    ("kind", "margin"),
    [(ArcFaceLoss, "m2"), (CosFaceLoss, "m3"), (SphereFaceLoss, "m1")],
)
def test_every_margin_loss_supports_it(batch, kind, margin):
    features, labels = batch(30, 6, num_classes=5)
    loss = kind(5, 6, 1.2, 16.0, warmup_steps=2)
    combined = CombinedMarginLoss(5, 6, **{margin: 1.2}, scale=16.0, warmup_steps=2)
    combined.load_state_dict(loss.state_dict())
    for _ in range(3):
        assert torch.equal(loss(features.float(), labels), combined(features.float(), labels))


def test_losses_without_margins_have_no_warmup():
    with pytest.raises(TypeError, match="warmup_steps"):
        NormalizedSoftmaxLoss(5, 6, warmup_steps=3)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["equal", "zero", "one"])
@pytest.mark.parametrize("classes", [2, 5])
def test_odd_batches_stay_finite(dtype, kind, classes):
    loss = CombinedMarginLoss(classes, 6, **stacked(torch.float32))
    loss = loss.double() if dtype == torch.float64 else loss
    batch = {
        "equal": torch.randn(6).expand(4, 4, 6),
        "zero": torch.zeros(4, 4, 6),
        "one": torch.randn(4, 1, 6),
    }[kind]
    for _ in range(6):
        features = batch.to(dtype).clone().requires_grad_()
        values = loss(features, torch.arange(features.shape[1]) % classes)
        values.sum().backward()
        assert values.isfinite().all()
        assert features.grad.isfinite().all()
        assert loss.weight.grad.isfinite().all()


@pytest.mark.parametrize(
    ("warmup_steps", "message"),
    [
        (-1, "warmup_steps must not be negative"),
        (torch.tensor([1.0, -2.0]), "warmup_steps must not be negative"),
        (math.nan, "warmup_steps must be finite"),
        (math.inf, "warmup_steps must be finite"),
    ],
)
def test_invalid_arguments_give_one_line(warmup_steps, message):
    with pytest.raises(ValueError, match=message):
        ArcFaceLoss(5, 6, warmup_steps=warmup_steps)
    with pytest.raises(ValueError, match="different shapes"):
        ArcFaceLoss(5, 6, margin=torch.zeros(2), warmup_steps=torch.zeros(3))
