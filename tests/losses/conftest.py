"""Reference implementations of the losses, as plain loops over Python numbers."""

import math
from types import SimpleNamespace

import pytest
import torch


def psi(theta, m1=1.0, m2=0.0, monotone=True):
    phi = m1 * theta + m2
    k = max(0, math.floor(phi / math.pi)) if monotone else 0
    return (-1) ** k * math.cos(phi) - 2 * k


def cross_entropy(logits, label):
    largest = max(logits)
    return largest + math.log(sum(math.exp(x - largest) for x in logits)) - logits[label]


def cosine(u, v):
    lengths = math.sqrt(sum(a * a for a in u)) * math.sqrt(sum(b * b for b in v))
    return sum(a * b for a, b in zip(u, v, strict=True)) / lengths


def margin_loss(features, weight, labels, m1=1.0, m2=0.0, m3=0.0, scale=64.0, monotone=True):
    """Return the mean loss for lists features [B][d], weight [C][d] and labels [B]."""
    total = 0.0
    for x, label in zip(features, labels, strict=True):
        logits = [scale * cosine(x, w) for w in weight]
        theta = math.acos(max(-1.0, min(1.0, cosine(x, weight[label]))))
        logits[label] = scale * (psi(theta, m1, m2, monotone) - m3)
        total += cross_entropy(logits, label)
    return total / len(labels)


def softmax_loss(features, weight, bias, labels):
    total = 0.0
    for x, label in zip(features, labels, strict=True):
        logits = [
            sum(a * b for a, b in zip(x, w, strict=True)) + c
            for w, c in zip(weight, bias, strict=True)
        ]
        total += cross_entropy(logits, label)
    return total / len(labels)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def plain():
    return SimpleNamespace(
        psi=psi,
        cosine=cosine,
        cross_entropy=cross_entropy,
        margin_loss=margin_loss,
        softmax_loss=softmax_loss,
    )


@pytest.fixture
def batch():
    """Draw float64 features [.., B, d] and labels [B]; the same for the same shape."""

    def draw(*shape, num_classes):
        generator = torch.Generator().manual_seed(7)
        features = torch.randn(*shape, generator=generator, dtype=torch.float64)
        labels = torch.randint(num_classes, (shape[-2],), generator=generator)
        return features, labels

    return draw


# For auxiliary terms

#: Awkward batches of up to three classes: the factor of random features, and the labels.
ODD_BATCHES = {
    "two classes": (1.0, [0, 1, 1, 0, 1, 0]),
    "a class of one": (1.0, [0, 0, 0, 1, 1, 2]),
    "each alone": (1.0, [2, 0, 1]),
    "one class": (1.0, [2, 2, 2, 2]),
    "one sample": (1.0, [1]),
    "all zero": (0.0, [0, 0, 1, 1, 2, 2]),
    "tiny": (1e-7, [0, 0, 1, 1, 2, 2]),
    "huge": (1e4, [0, 0, 1, 1, 2, 2]),
    "all equal": (1.0, [0, 0, 1, 1, 2, 2]),
    "some coincide": (1.0, [0, 0, 1, 1, 2, 2]),
    "some zero": (1.0, [0, 0, 1, 1, 2, 2]),
}


def squared_distance(u, v):
    return sum((a - b) ** 2 for a, b in zip(u, v, strict=True))


def unit(u):
    length = math.sqrt(sum(a * a for a in u))
    return [a / length for a in u]


@pytest.fixture(scope="session")
def plain_distance():
    """Functions of lists: the squared distance, and scaling to unit length."""
    return SimpleNamespace(squared=squared_distance, unit=unit)


@pytest.fixture
def members():
    """Three members, all different, float64: x [3, 14, 3], y [3, 14], c [3, 4, 3] and w [3, 4]."""
    generator = torch.Generator().manual_seed(11)
    labels = torch.randint(4, (3, 14), generator=generator)
    labels[0, :10] = 2  # more than seven neighbors
    labels[1, labels[1] == 3] = 1  # a class is missing
    x, c, w = (
        torch.randn(3, *shape, generator=generator, dtype=torch.float64)
        for shape in ((14, 3), (4, 3), (4,))
    )
    return SimpleNamespace(x=x, y=labels, c=c, w=w)


@pytest.fixture(params=[torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def dtype(request):
    return request.param


@pytest.fixture(params=ODD_BATCHES)
def odd_batch(request, dtype):
    """Features [B, 4] that require a gradient, and labels [B], in every precision."""
    factor, labels = ODD_BATCHES[request.param]
    if dtype == torch.float16 and factor:
        # A gradient above 65504 is inf in float16, and a GradScaler must see that.
        factor = min(max(factor, 1e-4), 1e3)
    features = factor * torch.randn(len(labels), 4)
    if request.param == "all equal":
        features = features[:1].repeat(len(labels), 1)
    if request.param == "some coincide":
        features[3], features[5] = features[2], features[2]
    if request.param == "some zero":
        features[1], features[2] = 0.0, 0.0
    return features.to(dtype).requires_grad_(), torch.tensor(labels)


@pytest.fixture
def check_odd():
    """Check that a term's value and gradients are finite, and return the value."""

    def check(value, *inputs):
        assert value.shape == ()
        assert value.dtype == torch.promote_types(inputs[0].dtype, torch.float32)
        assert value.isfinite()
        gradients = torch.autograd.grad(value, inputs)
        assert all(gradient.isfinite().all() for gradient in gradients)
        return value

    return check
