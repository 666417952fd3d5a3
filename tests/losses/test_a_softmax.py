"""A-Softmax (SphereFace as published) against plain loops, as a single member and as an array."""

import math

import pytest
import torch
from pytorch_metric_learning import losses as others

from sweeper.losses import ASoftmaxLoss, SphereFaceLoss, a_softmax_logits

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
#: Four different members: the paper's, fast annealing, no annealing, no margin.
MEMBERS = {
    "margin": [4.0, 2.0, 3.5, 1.0],
    "anneal_from": [1000.0, 50.0, 0.0, 10.0],
    "anneal_rate": [0.12, 20.0, 0.5, 0.0],
    "anneal_to": [5.0, 1.0, 0.0, 0.5],
}


def member(k):
    return {name: values[k] for name, values in MEMBERS.items()}


def stacked(dtype=torch.float64):
    return {name: torch.tensor(values, dtype=dtype) for name, values in MEMBERS.items()}


def lam_at(t, margin, anneal_from, anneal_rate, anneal_to):
    return max(anneal_to, anneal_from / (1 + anneal_rate * t))


def expected_logits(plain, cosines, lengths, labels, m1, lam):
    """Logits of lists cosines [B][C], lengths [B] and labels [B]."""
    rows = []
    for row, length, label in zip(cosines, lengths, labels, strict=True):
        logits = [length * value for value in row]
        psi = plain.psi(math.acos(row[label]), m1)
        logits[label] = length * (lam * row[label] + psi) / (1 + lam)
        rows.append(logits)
    return rows


def expected_loss(plain, features, weight, labels, m1, lam):
    cosines = [[plain.cosine(x, w) for w in weight] for x in features]
    lengths = [math.sqrt(sum(a * a for a in x)) for x in features]
    rows = expected_logits(plain, cosines, lengths, labels, m1, lam)
    losses = [plain.cross_entropy(row, label) for row, label in zip(rows, labels, strict=True)]
    return sum(losses) / len(losses)


@pytest.fixture
def cosine():
    """Cosines [40, 5] that cover (-1, 1), lengths and labels."""
    values = torch.linspace(-0.9999, 0.9999, 200, dtype=torch.float64)
    order = torch.randperm(200, generator=torch.Generator().manual_seed(3))
    lengths = torch.linspace(0.0, 9.0, 40, dtype=torch.float64)
    return values[order].view(40, 5), lengths, torch.arange(40) % 5


# The function


@pytest.mark.parametrize("m1", [0.7, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("lam", [0.0, 0.5, 5.0, 1000.0])
def test_logits_of_a_single_member(plain, cosine, m1, lam):
    cosines, lengths, labels = cosine
    logits = a_softmax_logits(cosines, lengths, labels, m1, lam)
    lists = cosines.tolist(), lengths.tolist(), labels.tolist()
    expected = torch.tensor(expected_logits(plain, *lists, m1, lam), dtype=torch.float64)
    torch.testing.assert_close(logits, expected)


@pytest.mark.parametrize("own", [True, False])
def test_logits_of_an_array(plain, cosine, own):
    cosines, lengths, labels = cosine
    m1, lam = [1.5, 4.0, 2.0], [0.0, 5.0, 0.3]
    each = torch.stack([cosines.roll(k, 0) for k in range(3)])
    far = torch.stack([lengths.roll(k) if own else lengths for k in range(3)])
    whose = torch.stack([labels.roll(k) if own else labels for k in range(3)])
    logits = a_softmax_logits(
        each,
        far if own else lengths,
        whose if own else labels,
        torch.tensor(m1, dtype=torch.float64),
        torch.tensor(lam, dtype=torch.float64),
    )
    for k in range(3):
        lists = each[k].tolist(), far[k].tolist(), whose[k].tolist()
        expected = expected_logits(plain, *lists, m1[k], lam[k])
        torch.testing.assert_close(logits[k], torch.tensor(expected, dtype=torch.float64))


def test_the_gradient_of_cosine_and_length(cosine):
    cosines, lengths, labels = (part[:8] for part in cosine)

    def value(cosines, lengths):
        return a_softmax_logits(cosines, lengths, labels, 2.5, 0.5)

    assert torch.autograd.gradcheck(value, (cosines.requires_grad_(), lengths.requires_grad_()))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(cosine, dtype):
    cosines, lengths, labels = (part.to(dtype) for part in cosine)
    labels = labels.long()
    logits = a_softmax_logits(cosines, lengths, labels, 4.0, torch.tensor(5.0, dtype=dtype))
    assert logits.dtype == torch.float32
    expected = a_softmax_logits(cosines.float(), lengths.float(), labels, 4.0, 5.0)
    torch.testing.assert_close(logits, expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": torch.zeros(7, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.full((40,), 5)}, "from 0 to 4"),
        ({"length": torch.ones(41)}, "length of shape"),
        ({"m1": 0.0}, "m1 must be positive"),
        ({"m1": torch.ones(3)}, "m1 of shape"),
        ({"lam": -0.1}, "lam must not be negative"),
        ({"lam": math.inf}, "lam must be finite"),
    ],
)
def test_invalid_arguments_give_one_line(cosine, change, message):
    given = dict(zip(("cosine", "length", "labels"), cosine, strict=True))
    with pytest.raises(ValueError, match=message) as caught:
        a_softmax_logits(**{**given, "m1": 4.0, "lam": 5.0, **change})
    assert "\n" not in str(caught.value)


# The module


@pytest.mark.parametrize("k", range(4))
def test_single_member(plain, batch, k):
    features, labels = batch(30, 6, num_classes=5)
    loss = ASoftmaxLoss(5, 6, **member(k)).double()
    numbers = features.tolist(), loss.weight.tolist(), labels.tolist()
    for t in range(6):
        lam = lam_at(t, **member(k))
        expected = expected_loss(plain, *numbers, member(k)["margin"], lam)
        assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)


def test_array(plain, batch):
    features, labels = batch(4, 30, 6, num_classes=5)
    loss = ASoftmaxLoss(5, 6, **stacked()).double()
    assert loss.weight.shape == (4, 5, 6)
    for t in range(6):
        expected = [
            expected_loss(
                plain,
                features[k].tolist(),
                loss.weight[k].tolist(),
                labels.tolist(),
                member(k)["margin"],
                lam_at(t, **member(k)),
            )
            for k in range(4)
        ]
        assert loss(features, labels).tolist() == pytest.approx(expected, rel=1e-12)


def test_array_members_train_like_single_ones(batch):
    features, labels = batch(4, 30, 6, num_classes=5)
    array = ASoftmaxLoss(5, 6, **stacked()).double()
    modules = [ASoftmaxLoss(5, 6, **member(k)).double() for k in range(4)]
    for k, alone in enumerate(modules):
        alone.weight.data = array.weight.data[k].clone()
    for module in (array, *modules):
        optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
        for _ in range(7):
            optimizer.zero_grad()
            own = features if module is array else features[modules.index(module)]
            module(own, labels).sum().backward()
            optimizer.step()
    for k, alone in enumerate(modules):
        assert array.step.item() == alone.step.item() == 7
        torch.testing.assert_close(array.weight[k], alone.weight, rtol=0, atol=1e-10)


@pytest.mark.parametrize("array", [False, True])
def test_gradients(batch, array):
    features, labels = batch(*((4, 6, 3) if array else (6, 3)), num_classes=4)
    loss = ASoftmaxLoss(4, 3, **(stacked() if array else member(1))).double()

    def value(features, weight):
        own = {"weight": weight, "step": torch.tensor(2)}
        return torch.func.functional_call(loss, own, (features, labels))

    assert torch.autograd.gradcheck(value, (features.requires_grad_(), loss.weight))


@pytest.mark.parametrize("margin", [1.0, 1.35, 4.0])
def test_without_annealing_equals_sphereface_of_scale_1_on_unit_vectors(batch, margin):
    features, labels = batch(30, 6, num_classes=5)
    features = torch.nn.functional.normalize(features, dim=-1)
    loss = ASoftmaxLoss(5, 6, margin=margin, anneal_from=0.0, anneal_to=0.0).double()
    other = SphereFaceLoss(5, 6, margin=margin, scale=1.0).double()
    other.weight.data = loss.weight.data
    for _ in range(2):
        torch.testing.assert_close(loss(features, labels), other(features, labels))
    torch.testing.assert_close(loss.logits(features), other.logits(features))


# pytorch-metric-learning passes a tensor to scipy, about which newer NumPy warns.
@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")
@pytest.mark.parametrize("margin", [1, 2, 3, 4])
def test_agrees_with_pytorch_metric_learning_without_annealing(batch, margin):
    """pytorch-metric-learning's SphereFaceLoss scales by the feature norm and has no λ."""
    features, labels = batch(30, 6, num_classes=5)
    ours = ASoftmaxLoss(5, 6, margin=margin, anneal_from=0.0, anneal_to=0.0).double()
    theirs = others.SphereFaceLoss(5, 6, margin=margin, scale=1)
    theirs.W.data = ours.weight.data.T.clone()
    torch.testing.assert_close(ours(features, labels), theirs(features, labels))


def test_invariant_to_the_norm_of_the_weights(batch):
    features, labels = batch(30, 6, num_classes=5)
    loss, other = ASoftmaxLoss(5, 6).double(), ASoftmaxLoss(5, 6).double()
    other.weight.data = loss.weight.data * torch.linspace(0.1, 9.0, 5, dtype=torch.float64)[:, None]
    torch.testing.assert_close(loss(features, labels), other(features, labels))


def test_evaluation_does_not_step_and_logits_have_no_margin(plain, batch):
    features, labels = batch(30, 6, num_classes=5)
    loss = ASoftmaxLoss(5, 6, **member(1)).double()
    loss(features, labels)
    loss.eval()
    numbers = features.tolist(), loss.weight.tolist(), labels.tolist()
    expected = expected_loss(plain, *numbers, 2.0, lam_at(1, **member(1)))
    for _ in range(2):
        assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)
    assert loss.step.item() == 1
    length = math.sqrt(sum(a * a for a in numbers[0][0]))
    expected = [length * plain.cosine(numbers[0][0], w) for w in numbers[1]]
    assert loss.logits(features)[0].tolist() == pytest.approx(expected, rel=1e-12)


def test_no_value_is_copied_to_the_cpu(monkeypatch):
    def refused(tensor):
        raise AssertionError("waits for the GPU")

    loss = ASoftmaxLoss(5, 6, **stacked(torch.float32))
    for name in ("item", "tolist", "__bool__", "__float__", "__int__"):
        monkeypatch.setattr(torch.Tensor, name, refused)
    labels = torch.zeros(8, dtype=torch.long)
    assert loss(torch.zeros(4, 8, 6), labels).shape == (4,)


def test_a_rejected_batch_is_not_a_step():
    loss = ASoftmaxLoss(5, 6)
    with pytest.raises(ValueError, match="from 0 to 4"):
        loss(torch.randn(2, 6), torch.tensor([0, 5]))
    assert loss.step.item() == 0


def test_defaults_are_those_of_the_authors():
    loss = ASoftmaxLoss(5, 6)
    defaults = (loss.margin, loss.anneal_from, loss.anneal_rate, loss.anneal_to)
    assert defaults == (4.0, 1000.0, 0.12, 5.0)
    assert repr(loss) == (
        "ASoftmaxLoss(num_classes=5, embedding_size=6, margin=4.0, anneal_from=1000.0, "
        "anneal_rate=0.12, anneal_to=5.0)"
    )


def test_state_dict_round_trip(batch):
    features, labels = batch(4, 30, 6, num_classes=5)
    first, second = (ASoftmaxLoss(5, 6, **stacked()).double() for _ in range(2))
    for _ in range(3):
        first(features, labels)
    assert set(first.state_dict()) == {"weight", "step", *MEMBERS}
    second.load_state_dict(first.state_dict())
    assert second.step.item() == 3
    assert torch.equal(first(features, labels), second(features, labels))
    assert set(ASoftmaxLoss(5, 6).state_dict()) == {"weight", "step"}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["equal", "zero", "one", "on a weight", "opposite", "long"])
@pytest.mark.parametrize("classes", [2, 5])
def test_odd_batches_stay_finite(dtype, kind, classes):
    loss = ASoftmaxLoss(classes, 6, **stacked(torch.float32))
    loss = loss.double() if dtype == torch.float64 else loss
    weight = loss.weight.detach()
    batch = {
        "equal": torch.randn(6).expand(4, 4, 6),
        "zero": torch.zeros(4, 4, 6),
        "one": torch.randn(4, 1, 6),
        "on a weight": weight[:, :1].expand(4, 4, 6),
        "opposite": -weight[:, :1].expand(4, 4, 6),
        "long": torch.full(
            (4, 4, 6), 6e4
        ),  # whose length float16 could not register_hyperparameters
    }[kind]
    for _ in range(3):
        features = batch.to(dtype).clone().requires_grad_()
        values = loss(features, torch.arange(features.shape[1]) % classes)
        values.sum().backward()
        assert values.isfinite().all()
        assert features.grad.isfinite().all()
        assert loss.weight.grad.isfinite().all()


def test_half_precision_features_and_autocast(batch):
    features, labels = batch(30, 6, num_classes=5)
    loss = ASoftmaxLoss(5, 6).eval()
    for dtype in (torch.float16, torch.bfloat16):
        low = features.to(dtype)
        value = loss(low, labels)
        assert value.dtype == torch.float32
        assert torch.equal(value, loss(low.float(), labels))
        with torch.autocast("cpu", dtype=dtype):
            assert torch.equal(loss(low, labels), value)
            assert torch.equal(loss.logits(low), loss.logits(low.float()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_classes": 1}, "num_classes"),
        ({"embedding_size": 0}, "embedding_size"),
        ({"margin": 0.0}, "margin must be positive"),
        ({"margin": torch.tensor([4.0, -1.0])}, "margin must be positive"),
        ({"anneal_from": -1.0}, "anneal_from must not be negative"),
        ({"anneal_rate": math.nan}, "anneal_rate must be finite"),
        ({"anneal_to": torch.tensor([-1.0])}, "anneal_to must not be negative"),
        ({"margin": torch.ones(2), "anneal_to": torch.ones(3)}, "different shapes"),
    ],
)
def test_invalid_construction(change, message):
    with pytest.raises(ValueError, match=message) as caught:
        ASoftmaxLoss(**{"num_classes": 5, "embedding_size": 6, **change})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (torch.zeros(8, 5), "features must be"),
        (torch.zeros(3, 8, 6), "do not match the members"),
        (torch.zeros(8, 6, dtype=torch.long), "floating"),
    ],
)
def test_invalid_calls(features, message):
    loss = ASoftmaxLoss(5, 6, margin=torch.tensor([2.0, 4.0]))
    with pytest.raises(ValueError, match=message):
        loss(features, torch.zeros(8, dtype=torch.long))
