"""The losses once more, as plain loops over Python numbers, to compare with."""

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
    """The mean loss of lists features [B][d], weight [C][d] and labels [B]."""
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
    """Draws float64 features [.., B, d] and labels [B]; the same for the same shape."""

    def draw(*shape, num_classes):
        generator = torch.Generator().manual_seed(7)
        features = torch.randn(*shape, generator=generator, dtype=torch.float64)
        labels = torch.randint(num_classes, (shape[-2],), generator=generator)
        return features, labels

    return draw
