"""A loss with auxiliary terms: the sum, its gradient, its state, and invalid arguments."""

import pytest
import torch

from sweeper.losses import CenterLoss, LossWithTerms, SoftmaxLoss, TripletLoss


@pytest.fixture
def parts():
    return SoftmaxLoss(4, 6).double(), {
        "center": CenterLoss(4, 6).double(),
        "triplet": TripletLoss(0.3),
    }


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(3)
    features = torch.randn(12, 6, generator=generator, dtype=torch.float64)
    return features, torch.arange(12) % 4


def test_the_value_and_the_gradient_are_the_sum(parts, batch):
    loss, terms = parts
    features, labels = batch
    features.requires_grad_()
    whole = LossWithTerms(loss, terms, {"center": 0.3, "triplet": 2.0})
    by_hand = loss(features, labels)
    by_hand = by_hand + 0.3 * terms["center"](features, labels)
    by_hand = by_hand + 2.0 * terms["triplet"](features, labels)
    torch.testing.assert_close(whole(features, labels), by_hand, rtol=1e-14, atol=0)
    wanted = [features, *whole.parameters()]
    for ours, theirs in zip(
        torch.autograd.grad(whole(features, labels), wanted),
        torch.autograd.grad(by_hand, wanted),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)


def test_logits_are_those_of_the_loss(parts, batch):
    loss, terms = parts
    whole = LossWithTerms(loss, terms, {"center": 0.3, "triplet": 2.0})
    assert whole.logits(batch[0]).equal(loss.logits(batch[0]))


def test_a_pair_loss_has_no_logits(batch):
    whole = LossWithTerms(TripletLoss(), {"center": CenterLoss(4, 6)}, {"center": 1.0})
    with pytest.raises(AttributeError, match="logits"):
        whole.logits(batch[0])


def test_a_lambda_of_0_or_no_terms_leave_the_loss_unchanged(parts, batch):
    loss, terms = parts
    assert LossWithTerms(loss, terms, dict.fromkeys(terms, 0.0))(*batch).equal(loss(*batch))
    assert LossWithTerms(loss, {}, {})(*batch).equal(loss(*batch))


def test_modes_precision_and_state_reach_the_parts(parts):
    loss, terms = parts
    whole = LossWithTerms(loss, terms, {"center": 0.3, "triplet": 2.0}).eval().float()
    assert not loss.training
    assert not terms["center"].training
    assert loss.weight.dtype == terms["center"].centers.dtype == torch.float32
    assert list(whole.state_dict()) == ["loss.weight", "loss.bias", "terms.center.centers"]


def test_repr_shows_the_lambdas(parts):
    shown = repr(LossWithTerms(*parts, {"center": 0.3, "triplet": 2.0}))
    assert "λ of center 0.3, λ of triplet 2" in shown


@pytest.mark.parametrize(
    ("lambdas", "message"),
    [
        ({"center": 0.3}, "got terms center, triplet but λ for center"),
        ({"center": 0.3, "triplet": 1, "git": 1}, "but λ for center, triplet, git"),
        ({"center": -0.3, "triplet": 1}, "λ of center must not be negative, got -0.3"),
        ({"center": 1, "triplet": float("nan")}, "λ of triplet must be finite, got nan"),
        ({"center": 1, "triplet": float("inf")}, "λ of triplet must be finite, got inf"),
    ],
)
def test_invalid_lambdas_give_one_line(parts, lambdas, message):
    with pytest.raises(ValueError, match=message) as error:
        LossWithTerms(*parts, lambdas)
    assert "\n" not in str(error.value)
