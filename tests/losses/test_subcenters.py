"""Sub-centers: several weights per class, against plain loops over all of them."""

import math

import pytest
import torch
from pytorch_metric_learning import losses as others

from sweeper.losses import (
    ArcFaceLoss,
    CombinedMarginLoss,
    CosFaceLoss,
    NormalizedSoftmaxLoss,
    SphereFaceLoss,
)

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
#: Hyperparameters of three different members.
MEMBERS = {"m1": [1.0, 1.35, 4.0], "m2": [0.5, 0.0, 0.8], "m3": [0.1, -0.2, 0.0]}


def member(k):
    return {name: values[k] for name, values in MEMBERS.items()}


def stacked():
    return {name: torch.tensor(values, dtype=torch.float64) for name, values in MEMBERS.items()}


def expected_logits(plain, features, weight, scale):
    """Logits without margin of lists features [B][d] and weight [C][S][d]."""
    return [[scale * max(plain.cosine(x, w) for w in each) for each in weight] for x in features]


def expected_loss(plain, features, weight, labels, m1, m2, m3, scale):
    total = 0.0
    for logits, label in zip(expected_logits(plain, features, weight, scale), labels, strict=True):
        theta = math.acos(logits[label] / scale)
        logits[label] = scale * (plain.psi(theta, m1, m2) - m3)
        total += plain.cross_entropy(logits, label)
    return total / len(labels)


@pytest.mark.parametrize("k", range(3))
def test_single_member(plain, batch, k):
    features, labels = batch(30, 6, num_classes=5)
    loss = CombinedMarginLoss(5, 6, **member(k), scale=16.0, subcenters=3).double()
    assert loss.weight.shape == (5, 3, 6)
    numbers = features.tolist(), loss.weight.tolist()
    expected = expected_loss(plain, *numbers, labels.tolist(), **member(k), scale=16.0)
    assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)
    logits = torch.tensor(expected_logits(plain, *numbers, 16.0), dtype=torch.float64)
    torch.testing.assert_close(loss.logits(features), logits, rtol=0, atol=1e-12)


def test_array(plain, batch):
    features, labels = batch(3, 30, 6, num_classes=5)
    loss = CombinedMarginLoss(5, 6, **stacked(), scale=16.0, subcenters=2).double()
    assert loss.weight.shape == (3, 5, 2, 6)
    values, logits = loss(features, labels), loss.logits(features)
    for k in range(3):
        numbers = features[k].tolist(), loss.weight[k].tolist()
        expected = expected_loss(plain, *numbers, labels.tolist(), **member(k), scale=16.0)
        assert values[k].item() == pytest.approx(expected, rel=1e-12)
        own = torch.tensor(expected_logits(plain, *numbers, 16.0), dtype=torch.float64)
        torch.testing.assert_close(logits[k], own, rtol=0, atol=1e-12)


def test_array_members_train_like_single_ones(batch):
    features, labels = batch(3, 30, 6, num_classes=5)
    array = CombinedMarginLoss(5, 6, **stacked(), scale=16.0, subcenters=3).double()
    modules = [CombinedMarginLoss(5, 6, **member(k), scale=16.0, subcenters=3) for k in range(3)]
    for k, alone in enumerate(modules):
        alone.double().weight.data = array.weight.data[k].clone()
    for module in (array, *modules):
        optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
        for _ in range(5):
            optimizer.zero_grad()
            own = features if module is array else features[modules.index(module)]
            module(own, labels).sum().backward()
            optimizer.step()
    for k, alone in enumerate(modules):
        torch.testing.assert_close(array.weight[k], alone.weight, rtol=0, atol=1e-10)


@pytest.mark.parametrize("array", [False, True])
def test_gradients(batch, array):
    shape = (3, 6, 4) if array else (6, 4)
    features, labels = batch(*shape, num_classes=3)
    margins = stacked() if array else member(0)
    loss = CombinedMarginLoss(3, 4, **margins, scale=4.0, subcenters=2).double()

    def value(features, weight):
        return torch.func.functional_call(loss, {"weight": weight}, (features, labels))

    assert torch.autograd.gradcheck(value, (features.requires_grad_(), loss.weight))


def test_only_the_nearest_weight_learns():
    loss = NormalizedSoftmaxLoss(2, 2, scale=1.0, subcenters=2).double()
    loss.weight.data = torch.tensor([[[1.0, 0.1], [0.0, 1.0]], [[-1.0, 0.0], [0.2, -1.0]]]).double()
    loss(torch.tensor([[1.0, 0.0]], dtype=torch.float64), torch.tensor([0])).backward()
    moved = loss.weight.grad.abs().sum(-1) > 0
    assert moved.tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize(
    ("kind", "margin"),
    [(ArcFaceLoss, "m2"), (CosFaceLoss, "m3"), (SphereFaceLoss, "m1")],
)
def test_every_margin_loss_supports_subcenters(batch, kind, margin):
    features, labels = batch(30, 6, num_classes=5)
    loss = kind(5, 6, 1.2, 16.0, subcenters=3)
    combined = CombinedMarginLoss(5, 6, **{margin: 1.2}, scale=16.0, subcenters=3)
    combined.load_state_dict(loss.state_dict())
    assert torch.equal(loss(features.float(), labels), combined(features.float(), labels))


def test_one_subcenter_is_the_plain_loss(batch):
    features, labels = batch(30, 6, num_classes=5)
    plain, one = ArcFaceLoss(5, 6), ArcFaceLoss(5, 6, subcenters=1)
    one.load_state_dict(plain.state_dict())
    assert one.weight.shape == (5, 6)
    assert torch.equal(one(features.float(), labels), plain(features.float(), labels))


def test_state_dict_round_trip(batch):
    features, labels = batch(30, 6, num_classes=5)
    first, second = (ArcFaceLoss(5, 6, subcenters=3) for _ in range(2))
    assert set(first.state_dict()) == {"weight"}
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(features.float(), labels), second(features.float(), labels))
    assert repr(second).endswith("monotone=True, subcenters=3)")
    assert "num_classes=5, embedding_size=6" in repr(second)


def test_agrees_with_pytorch_metric_learning_while_the_angle_stays_below_pi(batch):
    """pytorch-metric-learning has degrees and weights [d, C S], and differs past θ + m = π."""
    features, labels = batch(60, 6, num_classes=5)
    ours = ArcFaceLoss(5, 6, margin=0.5, scale=64.0, subcenters=3).double()
    theirs = others.SubCenterArcFaceLoss(
        num_classes=5, embedding_size=6, margin=math.degrees(0.5), scale=64, sub_centers=3
    )
    theirs.W.data = ours.weight.data.flatten(0, 1).T.clone()
    angles = (ours.logits(features) / 64).gather(-1, labels[:, None]).acos()
    assert angles.max() < math.pi - 0.5  # nearest of three: never near π here
    torch.testing.assert_close(ours(features, labels), theirs(features, labels))
    torch.testing.assert_close(ours.logits(features), theirs.get_logits(features))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("kind", ["equal", "zero", "one", "on a weight"])
def test_odd_batches_stay_finite(dtype, classes, kind):
    loss = ArcFaceLoss(classes, 6, margin=torch.tensor([0.5, -0.3, 0.8]), subcenters=2)
    loss = loss.double() if dtype == torch.float64 else loss
    batch = {
        "equal": torch.randn(6).expand(3, 4, 6),
        "zero": torch.zeros(3, 4, 6),
        "one": torch.randn(3, 1, 6),
        "on a weight": loss.weight.detach()[:, :1, 0].expand(3, 4, 6),
    }[kind]
    features = batch.to(dtype).clone().requires_grad_()
    values = loss(features, torch.arange(features.shape[1]) % classes)
    values.sum().backward()
    assert values.isfinite().all()
    assert features.grad.isfinite().all()
    assert loss.weight.grad.isfinite().all()


def test_equal_subcenters_share_the_gradient(batch):
    features, labels = batch(8, 6, num_classes=3)
    loss = ArcFaceLoss(3, 6, subcenters=2).double()
    loss.weight.data[:, 1] = loss.weight.data[:, 0]
    loss(features, labels).backward()
    torch.testing.assert_close(loss.weight.grad[:, 0], loss.weight.grad[:, 1])


def test_invalid_arguments_give_one_line():
    with pytest.raises(ValueError, match="subcenters must be at least 1, got 0"):
        ArcFaceLoss(5, 6, subcenters=0)
    with pytest.raises(ValueError, match=r"features must be \[.., B, 6\]"):
        ArcFaceLoss(5, 6, subcenters=2)(torch.zeros(3, 5), torch.zeros(3, dtype=torch.long))
    with pytest.raises(ValueError, match="from 0 to 4"):
        ArcFaceLoss(5, 6, subcenters=2)(torch.zeros(3, 6), torch.full((3,), 5))
