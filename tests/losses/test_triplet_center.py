import math

import pytest
import torch

from sweeper.losses import TripletCenterLoss, triplet_center_loss


def expected(plain_distance, x, y, c, margin):
    total = 0.0
    for u, label in zip(x, y, strict=True):
        halves = [plain_distance.squared(u, center) / 2 for center in c]
        nearest = min(half for j, half in enumerate(halves) if j != label)
        total += max(0.0, margin + halves[label] - nearest)
    return total / len(y)


@pytest.mark.parametrize("margin", [0.0, 1.0, 5.0])
def test_single_member(plain_distance, members, margin):
    for k in range(3):
        inputs = members.x[k], members.y[k], members.c[k]
        value = expected(plain_distance, *(tensor.tolist() for tensor in inputs), margin)
        assert triplet_center_loss(*inputs, margin).item() == pytest.approx(value, rel=1e-12)


def test_array(plain_distance, members):
    margin = [0.0, 1.0, 5.0]
    inputs = members.x, members.y, members.c
    array = triplet_center_loss(*inputs, torch.tensor(margin, dtype=torch.float64))
    for k in range(3):
        value = expected(plain_distance, *(tensor[k].tolist() for tensor in inputs), margin[k])
        assert array[k].item() == pytest.approx(value, rel=1e-12)


def test_inputs_shared_by_members(members):
    x, y, c = members.x, members.y, members.c
    alone = triplet_center_loss(x[0], y[0], c[2], 1.0)
    assert triplet_center_loss(x[0], y[0], c, 1.0)[2].item() == pytest.approx(alone.item())
    assert triplet_center_loss(x.expand(2, 3, 14, 3), y, c, 1.0).shape == (2, 3)


def test_gradients(members):
    margin = torch.tensor([0.0, 1.0, 5.0], dtype=torch.float64)
    x, y, c = members.x.requires_grad_(), members.y, members.c.requires_grad_()
    assert torch.autograd.gradcheck(lambda x, c: triplet_center_loss(x, y, c, margin), (x, c))
    assert torch.autograd.gradcheck(lambda x, c: triplet_center_loss(x, y[0], c, 1.0), (x[0], c[0]))


def test_odd_batches(odd_batch, check_odd):
    loss = TripletCenterLoss(3, 4)
    x, y = odd_batch
    value = check_odd(loss(x, y), x, loss.centers)
    assert value == loss(x.detach().to(value.dtype), y)


def test_one_center_has_no_other_and_gives_0():
    x, c = torch.ones(2, 2, requires_grad=True), torch.zeros(1, 2, requires_grad=True)
    value = triplet_center_loss(x, torch.tensor([0, 0]), c, 5.0)
    value.backward()
    assert value == 0
    assert x.grad.count_nonzero() == c.grad.count_nonzero() == 0


def test_module(members):
    x, y = members.x, members.y
    loss = TripletCenterLoss(4, 3).double()
    assert loss.margin == 5.0
    assert loss(x[0], y[0]) == triplet_center_loss(x[0], y[0], loss.centers, 5.0)
    array = TripletCenterLoss(4, 3, margin=torch.tensor([0.0, 2.0, 4.0])).double()
    assert torch.equal(array(x, y), triplet_center_loss(x, y, array.centers, array.margin))
    assert "members=3, margin=[0.0, 2.0, 4.0]" in repr(array)
    assert TripletCenterLoss(4, 3, members=2).centers.shape == (2, 4, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": torch.zeros(14, 2)}, "features must be"),
        ({"labels": torch.zeros(13, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.full((14,), 4)}, "from 0 to 3"),
        ({"margin": -1.0}, "margin must not be negative"),
        ({"margin": math.nan}, "margin must be finite"),
        ({"margin": torch.ones(2)}, "margin of shape"),
    ],
)
def test_invalid_arguments_give_one_line(change, message):
    fitting = {
        "features": torch.zeros(14, 3),
        "labels": torch.zeros(14, dtype=torch.long),
        "centers": torch.zeros(4, 3),
        "margin": 1.0,
    }
    with pytest.raises(ValueError, match=message) as caught:
        triplet_center_loss(**{**fitting, **change})
    assert "\n" not in str(caught.value)


def test_invalid_module_arguments():
    with pytest.raises(ValueError, match="margin must not be negative"):
        TripletCenterLoss(4, 3, margin=torch.tensor([1.0, -1.0]))
    with pytest.raises(ValueError, match="num_classes"):
        TripletCenterLoss(1, 3)
