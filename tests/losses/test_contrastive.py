import math

import pytest
import torch
from pytorch_metric_learning import distances, reducers
from pytorch_metric_learning import losses as others

from sweeper.losses import ContrastiveLoss, contrastive_loss


def expected(plain_distance, x, y, margin):
    units = [plain_distance.unit(u) for u in x]
    terms = []
    for j in range(len(y)):
        for i in range(j):
            d = math.sqrt(plain_distance.squared(units[i], units[j]) + 1e-12)
            terms.append(d if y[i] == y[j] else max(0.0, margin - d))
    return sum(terms) / max(len(terms), 1)


@pytest.mark.parametrize("margin", [0.0, 1.0, 3.0])
def test_single_member(plain_distance, members, margin):
    for k in range(3):
        x, y = members.x[k], members.y[k]
        value = expected(plain_distance, x.tolist(), y.tolist(), margin)
        assert contrastive_loss(x, y, margin).item() == pytest.approx(value, rel=1e-12)


def test_array(plain_distance, members):
    margin = [0.5, 1.0, 3.0]
    x, y = members.x, members.y
    array = contrastive_loss(x, y, torch.tensor(margin, dtype=torch.float64))
    for k in range(3):
        value = expected(plain_distance, x[k].tolist(), y[k].tolist(), margin[k])
        assert array[k].item() == pytest.approx(value, rel=1e-12)


def test_labels_may_be_shared(members):
    alone = contrastive_loss(members.x[2], members.y[0], 0.5)
    assert contrastive_loss(members.x, members.y[0], 0.5)[2].item() == pytest.approx(alone.item())
    assert contrastive_loss(members.x.expand(2, 3, 14, 3), members.y, 0.5).shape == (2, 3)


def test_gradients(members):
    margin = torch.tensor([0.5, 1.0, 3.0], dtype=torch.float64)
    x, y = members.x.requires_grad_(), members.y
    assert torch.autograd.gradcheck(lambda x: contrastive_loss(x, y, margin), (x,))
    assert torch.autograd.gradcheck(lambda x: contrastive_loss(x, y[0], 1.0), (x[0],))


def test_odd_batches(odd_batch, check_odd):
    x, y = odd_batch
    value = check_odd(contrastive_loss(x, y, 1.0), x)
    assert value == contrastive_loss(x.detach().to(value.dtype), y, 1.0)


@pytest.mark.parametrize("labels", [[1], []])
def test_without_a_pair_it_is_0(labels):
    x = torch.randn(len(labels), 4, requires_grad=True)
    value = contrastive_loss(x, torch.tensor(labels, dtype=torch.long), 1.0)
    value.backward()
    assert value == 0
    assert x.grad.count_nonzero() == 0


def test_agrees_with_pytorch_metric_learning(members):
    """pytorch-metric-learning averages same-class and other pairs separately and adds the means.

    It counts every pair twice, has no ε in its roots, and by default averages only over pairs with
    a positive loss.
    """
    theirs = others.ContrastiveLoss(
        pos_margin=0,
        neg_margin=1.0,
        distance=distances.LpDistance(normalize_embeddings=True, p=2, power=1),
        reducer=reducers.DoNothingReducer(),
    )
    for k in range(3):
        x, y = members.x[k].clone().requires_grad_(), members.y[k]
        parts = theirs(x, y)
        pairs = torch.cat([parts[f"{name}_loss"]["losses"] for name in ("pos", "neg")])
        assert len(pairs) == 14 * 13
        ours = contrastive_loss(x, y, 1.0)
        torch.testing.assert_close(ours, pairs.mean(), rtol=1e-9, atol=0)
        (gradient,), (its,) = (torch.autograd.grad(loss, x) for loss in (ours, pairs.mean()))
        torch.testing.assert_close(gradient, its, rtol=0, atol=1e-7)


def test_module(members):
    x, y = members.x, members.y
    assert ContrastiveLoss()(x[0], y[0]) == contrastive_loss(x[0], y[0], 1.0)
    array = ContrastiveLoss(torch.tensor([0.0, 0.5, 1.0]))
    assert torch.equal(array(x, y), contrastive_loss(x, y, array.margin))
    assert repr(array) == "ContrastiveLoss(margin=[0.0, 0.5, 1.0])"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": torch.zeros(14)}, "features must be"),
        ({"labels": torch.zeros(13, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.zeros(14)}, "class numbers"),
        ({"margin": -0.1}, "margin must not be negative"),
        ({"margin": math.nan}, "margin must be finite"),
        ({"margin": torch.ones(2)}, "margin of shape"),
    ],
)
def test_invalid_arguments_give_one_line(change, message):
    fitting = {
        "features": torch.zeros(14, 3),
        "labels": torch.zeros(14, dtype=torch.long),
        "margin": 1.0,
    }
    with pytest.raises(ValueError, match=message) as caught:
        contrastive_loss(**{**fitting, **change})
    assert "\n" not in str(caught.value)


def test_invalid_module_arguments():
    with pytest.raises(ValueError, match="margin must not be negative"):
        ContrastiveLoss(torch.tensor([1.0, -1.0]))
