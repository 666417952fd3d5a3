"""AdaCos against plain loops, as a single member and as an array."""

import math
import statistics

import pytest
import torch

from sweeper.losses import AdaCosLoss, NormalizedSoftmaxLoss, adacos_scale
from sweeper.losses.adacos import LARGEST, SMALLEST, fixed_adacos_scale

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def expected_scale(cosines, labels, scale):
    """Return the next scale for lists cosines [B][C] and labels [B]."""
    b_avg, angles = 0.0, []
    for row, label in zip(cosines, labels, strict=True):
        b_avg += sum(math.exp(scale * c) for k, c in enumerate(row) if k != label) / len(labels)
        angles.append(math.acos(row[label]))
    return math.log(b_avg) / math.cos(min(math.pi / 4, statistics.median(angles)))


def cosines(plain, features, weight):
    return [[plain.cosine(x, w) for w in weight] for x in features]


# The function


@pytest.mark.parametrize("near", [False, True])
@pytest.mark.parametrize("samples", [1, 8, 9])
@pytest.mark.parametrize("scale", [0.5, 6.0, 40.0])
def test_scale_of_a_single_member(samples, scale, near):
    """The median angle below and above π/4; odd and even batch sizes."""
    drawn = torch.Generator().manual_seed(samples)
    values = torch.rand(samples, 5, generator=drawn, dtype=torch.float64) * 1.2 - 0.6
    labels = torch.arange(samples) % 5
    if near:
        own = 0.8 + 0.19 * torch.rand(samples, 1, generator=drawn, dtype=torch.float64)
        values = values.scatter(-1, labels[:, None], own)
    expected = expected_scale(values.tolist(), labels.tolist(), scale)
    assert adacos_scale(values, labels, scale).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("own_labels", [True, False])
def test_scales_of_an_array(own_labels):
    drawn = torch.Generator().manual_seed(1)
    values = torch.rand(3, 9, 5, generator=drawn, dtype=torch.float64) * 2 - 1
    labels = torch.arange(9) % 5
    each = torch.stack([labels.roll(k) if own_labels else labels for k in range(3)])
    scales = torch.tensor([0.5, 6.0, 40.0], dtype=torch.float64)
    result = adacos_scale(values, each if own_labels else labels, scales)
    for k in range(3):
        expected = expected_scale(values[k].tolist(), each[k].tolist(), scales[k].item())
        assert result[k].item() == pytest.approx(expected, rel=1e-12)
    twice = adacos_scale(values.expand(2, 3, 9, 5), labels, scales)
    assert twice.shape == (2, 3)
    torch.testing.assert_close(twice[0], adacos_scale(values, labels, scales))


def test_the_scale_has_no_gradient():
    values = torch.rand(4, 5, requires_grad=True)
    assert not adacos_scale(values, torch.arange(4), torch.ones((), requires_grad=True)).grad_fn


def test_where_the_exponential_overflows():
    """exp(600) overflows float32 and exp(900) float64; the logarithm of their sum fits both."""
    values = torch.tensor([[0.1, 0.9, 0.9], [0.9, 0.1, -1.0]])
    labels = torch.tensor([0, 1])
    for scale in (600.0, 900.0):
        log_b = scale * 0.9 + math.log(
            1.5
        )  # two non-target cosines of 0.9 in the first sample, one in the second
        expected = log_b / math.cos(math.pi / 4)
        for dtype, rel in ((torch.float32, 1e-6), (torch.float64, 1e-12)):
            scales_found = adacos_scale(values.double().to(dtype), labels, scale)
            rel = max(rel, 1e-7)  # the cosines were float32
            assert scales_found.item() == pytest.approx(min(expected, LARGEST), rel=rel)


def test_a_scale_that_would_be_negative_is_reset():
    """Both other classes opposite: B_avg = 2 exp(-s) is below 1."""
    values = torch.full((4, 3), -1.0).scatter(-1, torch.zeros(4, 1, dtype=torch.long), 1.0)
    labels = torch.zeros(4, dtype=torch.long)
    assert adacos_scale(values, labels, 20.0).item() == SMALLEST
    assert adacos_scale(values, labels, SMALLEST).item() == pytest.approx(math.log(2), rel=2e-3)


def test_an_unbounded_scale_is_clamped():
    """Embeddings collapsed onto one class: s grows by √2 per step."""
    values = torch.zeros(4, 3).index_fill(-1, torch.tensor([0]), 1.0)
    labels = torch.tensor([1, 1, 2, 2])
    scale = torch.tensor(1.0)
    for _ in range(200):
        scale = adacos_scale(values, labels, scale)
    assert scale.item() == LARGEST


def test_a_nan_leaves_the_scale_of_its_member_unchanged():
    values = torch.rand(2, 4, 5, generator=torch.Generator().manual_seed(1))
    values[1, 2, 3] = math.nan
    result = adacos_scale(values, torch.arange(4), torch.tensor([3.0, 7.0]))
    assert result[0].item() == pytest.approx(adacos_scale(values[0], torch.arange(4), 3.0).item())
    assert result[1].item() == 7.0
    values[1, 2, 3] = math.inf
    assert adacos_scale(values[1], torch.arange(4), 7.0).item() == LARGEST


def test_half_precision_is_computed_in_float32():
    values = torch.rand(4, 5, generator=torch.Generator().manual_seed(1))
    for dtype in (torch.float16, torch.bfloat16):
        low = values.to(dtype)
        scales_found = adacos_scale(low, torch.arange(4), torch.tensor(6.0, dtype=dtype))
        assert scales_found.dtype == torch.float32
        assert torch.equal(scales_found, adacos_scale(low.float(), torch.arange(4), 6.0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cosine": torch.zeros(4, 2)}, "at least 3 classes, got 2"),
        ({"cosine": torch.zeros(0, 5), "labels": torch.arange(0)}, "empty batch"),
        ({"labels": torch.arange(5)}, "labels of shape"),
        ({"labels": torch.full((4,), 5)}, "from 0 to 4"),
        ({"scale": 0.0}, "scale must be positive"),
        ({"scale": torch.ones(2)}, "scale of shape"),
    ],
)
def test_invalid_arguments_give_one_line(change, message):
    arguments = {"cosine": torch.zeros(4, 5), "labels": torch.arange(4), "scale": 6.0}
    with pytest.raises(ValueError, match=message) as caught:
        adacos_scale(**{**arguments, **change})
    assert "\n" not in str(caught.value)


# The module


@pytest.mark.parametrize("classes", [3, 10, 1000])
def test_the_fixed_scale(classes):
    expected = math.sqrt(2) * math.log(classes - 1)
    assert fixed_adacos_scale(classes) == pytest.approx(expected, rel=1e-15)
    assert AdaCosLoss(classes, 6).scale.item() == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("members", [None, 3])
def test_fixed_scale_equals_normalized_softmax(batch, members):
    shape = (30, 6) if members is None else (members, 30, 6)
    features, labels = batch(*shape, num_classes=5)
    loss = AdaCosLoss(5, 6, dynamic=False, members=members).double()
    scale = loss.scale.item() if members is None else loss.scale.clone()
    other = NormalizedSoftmaxLoss(5, 6, scale=scale).double()
    other.weight.data = loss.weight.data
    for _ in range(2):
        torch.testing.assert_close(loss(features, labels), other(features, labels))
    torch.testing.assert_close(loss.logits(features), other.logits(features))


def test_single_member(plain, batch):
    features, labels = batch(31, 12, num_classes=5)
    loss = AdaCosLoss(5, 12).double()
    table = cosines(plain, features.tolist(), loss.weight.tolist())
    scale = loss.scale.item()
    for _ in range(4):
        scale = expected_scale(table, labels.tolist(), scale)
        expected = plain.margin_loss(
            features.tolist(), loss.weight.tolist(), labels.tolist(), scale=scale
        )
        assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)
        assert loss.scale.item() == pytest.approx(scale, rel=1e-12)
    loss.eval()
    assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)
    assert loss.scale.item() == pytest.approx(scale, rel=1e-12)
    assert loss.logits(features)[0, 2].item() == pytest.approx(scale * table[0][2], rel=1e-12)


def test_array(plain, batch):
    features, labels = batch(3, 30, 12, num_classes=5)
    loss = AdaCosLoss(5, 12, members=3).double()
    assert loss.scale.shape == (3,)
    loss.scale.copy_(torch.tensor([0.5, 2.0, 6.0]))
    before = loss.scale.tolist()
    values = loss(features, labels)
    for k in range(3):
        numbers = features[k].tolist(), loss.weight[k].tolist()
        scale = expected_scale(cosines(plain, *numbers), labels.tolist(), before[k])
        expected = plain.margin_loss(*numbers, labels.tolist(), scale=scale)
        assert values[k].item() == pytest.approx(expected, rel=1e-12)
        assert loss.scale[k].item() == pytest.approx(scale, rel=1e-12)


def test_array_members_train_like_single_ones(batch):
    features, labels = batch(3, 30, 12, num_classes=5)
    array = AdaCosLoss(5, 12, members=3).double()
    array.scale.copy_(torch.tensor([0.5, 2.0, 6.0]))
    modules = [AdaCosLoss(5, 12).double() for _ in range(3)]
    for k, alone in enumerate(modules):
        alone.load_state_dict({name: value[k] for name, value in array.state_dict().items()})
    for module in (array, *modules):
        optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
        for _ in range(6):
            optimizer.zero_grad()
            own = features if module is array else features[modules.index(module)]
            module(own, labels).sum().backward()
            optimizer.step()
    for k, alone in enumerate(modules):
        torch.testing.assert_close(array.weight[k], alone.weight, rtol=0, atol=1e-10)
        torch.testing.assert_close(array.scale[k], alone.scale, rtol=0, atol=1e-10)


@pytest.mark.parametrize("members", [None, 2])
def test_gradients(batch, members):
    features, labels = batch(*((6, 3) if members is None else (2, 6, 3)), num_classes=4)
    loss = AdaCosLoss(4, 3, members=members).double().eval()

    def value(features, weight):
        return torch.func.functional_call(loss, {"weight": weight}, (features, labels))

    assert torch.autograd.gradcheck(value, (features.requires_grad_(), loss.weight))


def test_no_gradient_flows_through_the_scale(batch):
    features, labels = batch(30, 12, num_classes=5)
    loss = AdaCosLoss(5, 12).double()
    (dynamic,) = torch.autograd.grad(loss(features, labels), loss.weight)
    (held,) = torch.autograd.grad(loss.eval()(features, labels), loss.weight)
    assert torch.equal(dynamic, held)


def test_two_batches_before_one_backward(batch):
    features, labels = batch(2, 30, 12, num_classes=5)
    once, twice = AdaCosLoss(5, 12).double(), AdaCosLoss(5, 12).double()
    twice.load_state_dict(once.state_dict())
    for part in features:
        once(part, labels).backward()
    sum(twice(part, labels) for part in features).backward()
    torch.testing.assert_close(once.weight.grad, twice.weight.grad)


def test_state_dict_round_trip(batch):
    features, labels = batch(3, 30, 12, num_classes=5)
    first, second = (AdaCosLoss(5, 12, members=3).double() for _ in range(2))
    first(features, labels)
    assert set(first.state_dict()) == {"weight", "scale"}
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(features, labels), second(features, labels))
    assert repr(first) == ("AdaCosLoss(num_classes=5, embedding_size=12, dynamic=True, members=3)")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["equal", "zero", "one", "on one class", "opposite"])
@pytest.mark.parametrize("classes", [3, 10])
def test_odd_batches_stay_finite(dtype, kind, classes):
    loss = AdaCosLoss(classes, 6, members=2)
    loss = loss.double() if dtype == torch.float64 else loss
    weight = loss.weight.detach()
    batch = {
        "equal": torch.randn(6).expand(2, 4, 6),
        "zero": torch.zeros(2, 4, 6),
        "one": torch.randn(2, 1, 6),
        "on one class": weight[:, :1].expand(2, 4, 6),
        "opposite": -weight[:, :1].expand(2, 4, 6),
    }[kind]
    for _ in range(60):  # long enough for a scale to reach its bound
        features = batch.to(dtype).clone().requires_grad_()
        values = loss(features, torch.arange(features.shape[1]) % 3)
        loss.weight.grad = None
        values.sum().backward()
        assert values.isfinite().all()
        assert features.grad.isfinite().all()
        assert loss.weight.grad.isfinite().all()  # type: ignore[attr-defined]
        assert ((loss.scale >= SMALLEST) & (loss.scale <= LARGEST)).all()


def test_the_scale_hits_its_bound_only_with_too_few_dimensions():
    """As the docstring says: about 4 log(C - 1) = 8.8 for ten classes."""
    final_scales = {}
    for size in (2, 16):
        labels = torch.arange(200) % 10
        features = torch.randn(200, size, generator=torch.Generator().manual_seed(2))
        loss = AdaCosLoss(10, size)
        for _ in range(60):
            loss(features, labels)
        final_scales[size] = loss.scale.item()
    assert final_scales[2] == LARGEST
    assert final_scales[16] < 2 * fixed_adacos_scale(10)


def test_no_value_is_copied_to_the_cpu(monkeypatch):
    def refused(tensor):
        raise AssertionError("waits for the GPU")

    loss = AdaCosLoss(5, 6, members=3)
    for name in ("item", "tolist", "__bool__", "__float__", "__int__"):
        monkeypatch.setattr(torch.Tensor, name, refused)
    labels = torch.zeros(8, dtype=torch.long)
    assert loss(torch.zeros(3, 8, 6), labels).shape == (3,)


def test_autocast_changes_nothing(batch):
    features, labels = batch(30, 12, num_classes=5)
    first, second = AdaCosLoss(5, 12), AdaCosLoss(5, 12)
    second.load_state_dict(first.state_dict())
    value = first(features.float(), labels)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(second(features.float(), labels), value)
    assert torch.equal(first.scale, second.scale)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_features(batch, dtype):
    features, labels = batch(30, 12, num_classes=5)
    loss = AdaCosLoss(5, 12)
    low = features.to(dtype)
    assert loss(low, labels).dtype == torch.float32
    loss.eval()
    assert torch.equal(loss(low, labels), loss(low.float(), labels))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((2, 6), "at least 3 classes, got 2"),
        ((1, 6), "num_classes must be at least 2"),
        ((5, 0), "embedding_size must be at least 1"),
        ((5, 6, True, 0), "members must be at least 1"),
    ],
)
def test_invalid_construction(arguments, message):
    with pytest.raises(ValueError, match=message):
        AdaCosLoss(*arguments)
    if arguments == (2, 6):
        with pytest.raises(ValueError, match=message):
            AdaCosLoss(*arguments, dynamic=False)


def test_a_rejected_batch_leaves_the_scale_unchanged():
    loss = AdaCosLoss(5, 6)
    before = loss.scale.clone()
    with pytest.raises(ValueError, match="from 0 to 4"):
        loss(torch.randn(2, 6), torch.tensor([0, 5]))
    assert torch.equal(loss.scale, before)
