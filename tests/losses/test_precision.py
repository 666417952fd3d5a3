"""Features of another precision than a loss's weights, for every loss with default arguments."""

import inspect

import pytest
import torch
from torch import nn

from sweeper import losses

CLASSES = [
    loss
    for name in losses.__all__
    if inspect.isclass(loss := getattr(losses, name))
    and issubclass(loss, nn.Module)
    and loss not in (losses.LossWithTerms, losses.NearestMean)
]


def make(kind):
    sizes = {"num_classes": 3, "embedding_size": 5}
    return kind(
        **{name: sizes[name] for name in inspect.signature(kind).parameters if name in sizes}
    )


def batch(dtype):
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(9, 5, generator=generator, dtype=torch.float64)
    return features.to(dtype).requires_grad_(), torch.arange(9) % 3


def test_all_losses_are_here():
    assert len(CLASSES) >= 16


@pytest.mark.parametrize("kind", CLASSES)
def test_float64_features_are_one_line_or_computed_right(kind):
    torch.manual_seed(0)
    loss = make(kind)
    features, labels = batch(torch.float64)
    try:
        value = loss(features, labels)
    except ValueError as error:
        assert str(error) == (  # noqa: PT017, since some losses have no weights to differ from
            "features are torch.float64 and the weights of the loss torch.float32; convert one of "
            "them, with features.float() or loss.double()"
        )
        assert hasattr(loss, "logits")
        with pytest.raises(ValueError, match=r"are torch\.float64"):
            loss.logits(features)
        loss(features.float(), labels).backward()
        assert features.grad.dtype == torch.float64
    else:
        expected = loss.double()(features, labels)
        torch.testing.assert_close(value.double(), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", [losses.SoftmaxLoss, losses.ArcFaceLoss])
def test_float32_features_of_a_float64_loss_are_one_line(kind):
    features, labels = batch(torch.float32)
    with pytest.raises(ValueError, match=r"are torch\.float32 and the weights"):
        make(kind).double()(features, labels)
