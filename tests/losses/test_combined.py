import math

import pytest
import torch

from sweeper.losses import CombinedMarginLoss, combined_margin_logits

#: Hyperparameters of four different members: φ passes π, continues, and stays below it.
MEMBERS = {
    "m1": [1.0, 1.35, 4.0, 1.0],
    "m2": [0.5, 0.0, 0.8, -0.3],
    "m3": [0.0, 0.2, -0.1, -0.2],
    "scale": [64.0, 8.0, 2.0, 30.0],
}


def member(k):
    return {name: values[k] for name, values in MEMBERS.items()}


def stacked(dtype=torch.float64):
    return {name: torch.tensor(values, dtype=dtype) for name, values in MEMBERS.items()}


def expected_logits(plain, cosines, labels, m1, m2, m3, scale, monotone=True):
    """Logits of lists cosines [B][C] and labels [B]."""
    rows = []
    for row, label in zip(cosines, labels, strict=True):
        logits = [scale * value for value in row]
        logits[label] = scale * (plain.psi(math.acos(row[label]), m1, m2, monotone) - m3)
        rows.append(logits)
    return rows


@pytest.fixture
def cosine():
    """Cosines [40, 5] that cover (-1, 1), and labels."""
    values = torch.linspace(-0.9999, 0.9999, 200, dtype=torch.float64)
    order = torch.randperm(200, generator=torch.Generator().manual_seed(3))
    return values[order].view(40, 5), torch.arange(40) % 5


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("monotone", [True, False])
def test_logits_of_a_single_member(plain, cosine, k, monotone):
    cosines, labels = cosine
    logits = combined_margin_logits(cosines, labels, **member(k), monotone=monotone)
    expected = expected_logits(
        plain, cosines.tolist(), labels.tolist(), **member(k), monotone=monotone
    )
    torch.testing.assert_close(logits, torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("own_labels", [True, False])
def test_logits_of_an_array(plain, cosine, own_labels):
    cosines, labels = cosine
    cosines = torch.stack([cosines.roll(k, 0) for k in range(4)])
    each = torch.stack([labels.roll(k) if own_labels else labels for k in range(4)])
    logits = combined_margin_logits(cosines, each if own_labels else labels, **stacked())
    for k in range(4):
        expected = expected_logits(plain, cosines[k].tolist(), each[k].tolist(), **member(k))
        torch.testing.assert_close(logits[k], torch.tensor(expected, dtype=torch.float64))


def test_any_leading_dimensions(cosine):
    cosines, labels = cosine
    cosines = cosines.expand(2, 4, 40, 5)
    logits = combined_margin_logits(cosines, labels, **stacked())
    assert logits.shape == (2, 4, 40, 5)
    for k in range(4):
        alone = combined_margin_logits(cosines[0, k], labels, **member(k))
        torch.testing.assert_close(logits[:, k], alone.expand(2, 40, 5), rtol=0, atol=1e-12)


def test_vmap_over_members_is_the_array(cosine):
    cosines, labels = cosine
    cosines = torch.stack([cosines.roll(k, 0) for k in range(4)])
    each = torch.stack([labels.roll(k) for k in range(4)])
    hyper = stacked()

    def loss(cosine, labels, m1, m2, m3, scale):
        return combined_margin_logits(cosine, labels, m1, m2, m3, scale).logsumexp(-1).sum()

    gradients = torch.func.vmap(torch.func.grad(loss))(cosines, each, *hyper.values())
    cosines.requires_grad_()
    combined_margin_logits(cosines, each, **hyper).logsumexp(-1).sum().backward()
    torch.testing.assert_close(gradients, cosines.grad, rtol=0, atol=1e-12)


def test_the_margin_changes_only_the_target(cosine):
    cosines, labels = cosine
    logits = combined_margin_logits(cosines, labels, m1=1.5, m2=0.4, m3=0.1, scale=30.0)
    others = torch.ones_like(cosines, dtype=torch.bool).scatter(-1, labels[:, None], False)
    assert torch.equal(logits[others], 30.0 * cosines[others])
    assert (logits[~others] != 30.0 * cosines[~others]).all()


@pytest.mark.parametrize("scale", [2.0, 64.0])
def test_float32_keeps_five_decimals_of_the_scale(plain, cosine, scale):
    cosines, labels = cosine
    cosines = cosines.float()
    margins = {"m1": 4.0, "m2": 0.8, "m3": -0.2, "scale": scale}
    logits = combined_margin_logits(cosines, labels, **margins)
    expected = expected_logits(plain, cosines.tolist(), labels.tolist(), **margins)
    assert logits.dtype == torch.float32
    assert (logits.double() - torch.tensor(expected)).abs().max() < 1e-5 * scale


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(cosine, dtype):
    cosines, labels = cosine
    low = cosines.to(dtype)
    logits = combined_margin_logits(low, labels, m2=0.5, scale=torch.tensor(64.0, dtype=dtype))
    assert logits.dtype == torch.float32
    torch.testing.assert_close(logits, combined_margin_logits(low.float(), labels, m2=0.5))


def test_autocast_changes_nothing(cosine):
    cosines, labels = cosine
    cosines = cosines.float()
    exact = combined_margin_logits(cosines, labels, m1=2.0, m2=0.5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(combined_margin_logits(cosines, labels, m1=2.0, m2=0.5), exact)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": torch.zeros(7, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.zeros(2, 40, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.zeros(40)}, "class numbers"),
        ({"labels": torch.full((40,), 5)}, "from 0 to 4"),
        ({"labels": torch.full((40,), -1)}, "from 0 to 4"),
        ({"m1": 0.0}, "m1 must be positive"),
        ({"scale": -1.0}, "scale must be positive"),
        ({"m2": math.nan}, "m2 must be finite"),
        ({"m3": torch.zeros(3)}, "m3 of shape"),
    ],
)
def test_invalid_arguments_give_one_line(cosine, change, message):
    cosines, labels = cosine
    with pytest.raises(ValueError, match=message) as caught:
        combined_margin_logits(**{"cosine": cosines, "labels": labels, **change})
    assert "\n" not in str(caught.value)


# The module


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("monotone", [True, False])
def test_single_member(plain, batch, k, monotone):
    features, labels = batch(30, 6, num_classes=5)
    loss = CombinedMarginLoss(5, 6, **member(k), monotone=monotone).double()
    expected = plain.margin_loss(
        features.tolist(), loss.weight.tolist(), labels.tolist(), **member(k), monotone=monotone
    )
    assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)


def test_array(plain, batch):
    features, labels = batch(4, 30, 6, num_classes=5)
    loss = CombinedMarginLoss(5, 6, **stacked()).double()
    assert loss.weight.shape == (4, 5, 6)
    expected = [
        plain.margin_loss(
            features[k].tolist(), loss.weight[k].tolist(), labels.tolist(), **member(k)
        )
        for k in range(4)
    ]
    assert loss(features, labels).tolist() == pytest.approx(expected, rel=1e-12)


def test_array_members_train_like_single_ones(batch):
    features, labels = batch(4, 30, 6, num_classes=5)
    array = CombinedMarginLoss(5, 6, **stacked()).double()
    array(features, labels).sum().backward()
    for k in range(4):
        alone = CombinedMarginLoss(5, 6, **member(k)).double()
        alone.weight.data = array.weight.data[k].clone()
        alone(features[k], labels).backward()
        torch.testing.assert_close(array.weight.grad[k], alone.weight.grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("k", range(4))
def test_gradients_of_features_and_weight(batch, k):
    features, labels = batch(6, 3, num_classes=4)
    loss = CombinedMarginLoss(4, 3, **member(k)).double()

    def value(features, weight):
        return torch.func.functional_call(loss, {"weight": weight}, (features, labels))

    assert torch.autograd.gradcheck(value, (features.requires_grad_(), loss.weight))


def test_gradients_at_angles_0_and_pi_are_finite():
    loss = CombinedMarginLoss(
        3, 4, m1=torch.tensor([1.0, 1.0, 4.0]), m2=torch.tensor([-0.3, 0.8, 0.8])
    )
    on = loss.weight.detach()
    features = torch.cat([on, -on, torch.zeros_like(on)], dim=1).requires_grad_()
    loss(features, torch.tensor([0, 1, 2] * 3)).sum().backward()
    assert features.grad.isfinite().all()
    assert loss.weight.grad.isfinite().all()
    # float32 gives the direction to 1e-7; a steep slope must not blow that up.
    assert features.grad.abs().max() < 100


def test_evaluation_has_no_margin(plain, batch):
    features, _ = batch(4, 7, 6, num_classes=5)
    loss = CombinedMarginLoss(5, 6, **stacked()).double()
    logits = loss.logits(features)
    for k in range(4):
        for i, x in enumerate(features[k].tolist()):
            expected = [member(k)["scale"] * plain.cosine(x, w) for w in loss.weight[k].tolist()]
            assert logits[k, i].tolist() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_features(batch, dtype):
    features, labels = batch(30, 6, num_classes=5)
    loss = CombinedMarginLoss(5, 6, m2=0.5, m3=0.1)
    low = features.to(dtype)
    value = loss(low, labels)
    assert value.dtype == torch.float32
    assert torch.equal(value, loss(low.float(), labels))
    with torch.autocast("cpu", dtype=dtype):
        assert torch.equal(loss(low, labels), value)
        assert torch.equal(loss.logits(low), loss.logits(low.float()))


def test_tensors_among_the_hyperparameters_make_an_array():
    loss = CombinedMarginLoss(5, 6, m2=torch.tensor([0.1, 0.2, 0.3]), scale=8)
    assert dict(loss.named_buffers()).keys() == {"m1", "m2", "m3", "scale"}
    assert all(buffer.shape == (3,) for buffer in loss.buffers())
    assert loss.double().scale.dtype == torch.float64
    assert "m3=[0.0, 0.0, 0.0]" in repr(loss)


def test_an_array_keeps_the_precision_of_its_margins():
    margins = torch.tensor([0.1, 0.35], dtype=torch.float64)
    loss = CombinedMarginLoss(5, 6, m3=margins)
    assert torch.equal(loss.m3, margins)
    margins.zero_()
    assert loss.m3[1] == 0.35


def test_members_differ_at_the_start_and_a_seed_repeats_them():
    loss = CombinedMarginLoss(5, 6, m2=torch.zeros(2))
    assert not torch.equal(loss.weight[0], loss.weight[1])
    torch.manual_seed(5)
    one = CombinedMarginLoss(5, 6).weight
    torch.manual_seed(5)
    assert torch.equal(one, CombinedMarginLoss(5, 6, m2=0.5).weight)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_classes": 1}, "num_classes"),
        ({"embedding_size": 0}, "embedding_size"),
        ({"m1": 0.0}, "m1 must be positive"),
        ({"m1": torch.tensor([1.0, -1.0])}, "m1 must be positive"),
        ({"scale": 0.0}, "scale must be positive"),
        ({"m2": math.inf}, "m2 must be finite"),
        ({"m2": 28.6}, "m2 is in radians, from -π to π, got 28.6; 28.6° are 0.4992"),
        ({"m2": -3.2}, "m2 is in radians"),
        ({"m3": torch.tensor([math.nan])}, "m3 must be finite"),
        ({"m2": torch.zeros(2), "m3": torch.zeros(3)}, "different shapes"),
    ],
)
def test_invalid_construction(change, message):
    with pytest.raises(ValueError, match=message) as caught:
        CombinedMarginLoss(**{"num_classes": 5, "embedding_size": 6, **change})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (torch.zeros(8, 5), torch.zeros(8, dtype=torch.long), "features must be"),
        (torch.zeros(6), torch.zeros(1, dtype=torch.long), "features must be"),
        (torch.zeros(3, 8, 6), torch.zeros(8, dtype=torch.long), "do not match the members"),
        (torch.zeros(8, 6, dtype=torch.long), torch.zeros(8, dtype=torch.long), "floating"),
        (torch.zeros(8, 6), torch.zeros(9, dtype=torch.long), "labels of shape"),
        (torch.zeros(8, 6), torch.full((8,), 5), "from 0 to 4"),
    ],
)
def test_invalid_calls(features, labels, message):
    loss = CombinedMarginLoss(5, 6, m2=torch.tensor([0.1, 0.2]))
    with pytest.raises(ValueError, match=message) as caught:
        loss(features, labels)
    assert "\n" not in str(caught.value)
