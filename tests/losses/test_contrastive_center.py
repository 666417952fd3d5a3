import math

import pytest
import torch

from sweeper.losses import ContrastiveCenterLoss, contrastive_center_loss


def expected(plain_distance, x, y, c, delta=1.0):
    total = 0.0
    for u, label in zip(x, y, strict=True):
        squares = [plain_distance.squared(u, center) for center in c]
        apart = sum(square for j, square in enumerate(squares) if j != label)
        total += squares[label] / (apart + delta)
    return total / 2 / len(y)


@pytest.mark.parametrize("delta", [1.0, 1e-3, 50.0])
def test_single_member(plain_distance, members, delta):
    for k in range(3):
        inputs = members.x[k], members.y[k], members.c[k]
        value = expected(plain_distance, *(tensor.tolist() for tensor in inputs), delta)
        assert contrastive_center_loss(*inputs, delta).item() == pytest.approx(value, rel=1e-12)


def test_array(plain_distance, members):
    delta = [1.0, 1e-3, 50.0]
    inputs = members.x, members.y, members.c
    array = contrastive_center_loss(*inputs, torch.tensor(delta, dtype=torch.float64))
    for k in range(3):
        value = expected(plain_distance, *(tensor[k].tolist() for tensor in inputs), delta[k])
        assert array[k].item() == pytest.approx(value, rel=1e-12)


def test_inputs_shared_by_members(members):
    x, y, c = members.x, members.y, members.c
    alone = contrastive_center_loss(x[0], y[0], c[2])
    assert contrastive_center_loss(x[0], y[0], c)[2].item() == pytest.approx(alone.item())
    assert contrastive_center_loss(x.expand(2, 3, 14, 3), y, c).shape == (2, 3)


def test_gradients(members):
    delta = torch.tensor([1.0, 0.1, 50.0], dtype=torch.float64)
    x, y, c = members.x.requires_grad_(), members.y, members.c.requires_grad_()
    assert torch.autograd.gradcheck(lambda x, c: contrastive_center_loss(x, y, c, delta), (x, c))
    assert torch.autograd.gradcheck(lambda x, c: contrastive_center_loss(x, y[0], c), (x[0], c[0]))


def test_odd_batches(odd_batch, check_odd):
    loss = ContrastiveCenterLoss(3, 4)
    x, y = odd_batch
    value = check_odd(loss(x, y), x, loss.centers)
    assert value == loss(x.detach().to(value.dtype), y)


def test_one_center_has_delta_alone_below():
    value = contrastive_center_loss(torch.ones(1, 2), torch.tensor([0]), torch.zeros(1, 2), 4.0)
    assert value.item() == 0.25


def test_module(members):
    x, y = members.x, members.y
    loss = ContrastiveCenterLoss(4, 3).double()
    assert loss(x[0], y[0]) == contrastive_center_loss(x[0], y[0], loss.centers)
    array = ContrastiveCenterLoss(4, 3, delta=torch.tensor([1.0, 2.0, 4.0])).double()
    assert torch.equal(array(x, y), contrastive_center_loss(x, y, array.centers, array.delta))
    assert "members=3, delta=[1.0, 2.0, 4.0]" in repr(array)
    assert ContrastiveCenterLoss(4, 3, members=2).centers.shape == (2, 4, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": torch.zeros(14, 2)}, "features must be"),
        ({"labels": torch.zeros(13, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.full((14,), 4)}, "from 0 to 3"),
        ({"delta": 0.0}, "delta must be positive"),
        ({"delta": math.nan}, "delta must be finite"),
        ({"delta": torch.ones(2)}, "delta of shape"),
    ],
)
def test_invalid_arguments_give_one_line(change, message):
    fitting = {
        "features": torch.zeros(14, 3),
        "labels": torch.zeros(14, dtype=torch.long),
        "centers": torch.zeros(4, 3),
    }
    with pytest.raises(ValueError, match=message) as caught:
        contrastive_center_loss(**{**fitting, **change})
    assert "\n" not in str(caught.value)


def test_invalid_module_arguments():
    with pytest.raises(ValueError, match="delta must be positive"):
        ContrastiveCenterLoss(4, 3, delta=torch.tensor([1.0, 0.0]))
    with pytest.raises(ValueError, match="num_classes"):
        ContrastiveCenterLoss(1, 3)
