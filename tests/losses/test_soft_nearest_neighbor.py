import math

import pytest
import torch

from sweeper.losses import (
    SoftNearestNeighborLoss,
    soft_nearest_neighbor_loss,
)


def expected(plain_distance, x, y, t=1.0):
    logs = []
    for i, u in enumerate(x):
        weights = [math.exp(-plain_distance.squared(u, v) / t) for v in x]
        others = [j for j in range(len(y)) if j != i]
        mates = [j for j in others if y[j] == y[i]]
        if mates:
            logs.append(math.log(sum(weights[j] for j in mates) / sum(weights[j] for j in others)))
    return -sum(logs) / max(len(logs), 1)


@pytest.mark.parametrize("t", [1.0, 0.2, 30.0])
def test_single_member(plain_distance, members, t):
    for k in range(3):
        value = expected(plain_distance, members.x[k].tolist(), members.y[k].tolist(), t)
        term = soft_nearest_neighbor_loss(members.x[k], members.y[k], t)
        assert term.item() == pytest.approx(value, rel=1e-11)


def test_array(plain_distance, members):
    t = [0.2, 1.0, 30.0]
    array = soft_nearest_neighbor_loss(members.x, members.y, torch.tensor(t, dtype=torch.float64))
    for k in range(3):
        value = expected(plain_distance, members.x[k].tolist(), members.y[k].tolist(), t[k])
        assert array[k].item() == pytest.approx(value, rel=1e-11)


def test_labels_may_be_shared(members):
    array = soft_nearest_neighbor_loss(members.x, members.y[0])
    alone = soft_nearest_neighbor_loss(members.x[2], members.y[0])
    assert array[2].item() == pytest.approx(alone.item(), rel=1e-12)
    assert soft_nearest_neighbor_loss(members.x.expand(2, 3, 14, 3), members.y).shape == (2, 3)


def test_gradients(members):
    x, y = members.x.requires_grad_(), members.y
    t = torch.tensor([0.5, 1.0, 30.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, t: soft_nearest_neighbor_loss(x, y, t), (x, t))
    assert torch.autograd.gradcheck(lambda x: soft_nearest_neighbor_loss(x, y[0]), (x[0],))


def test_a_sample_alone_is_dropped_but_stays_in_the_denominators():
    x = torch.tensor([[0.0], [1.0], [2.0]], dtype=torch.float64)
    value = soft_nearest_neighbor_loss(x, torch.tensor([0, 0, 1])).item()
    first = -math.log(math.exp(-1) / (math.exp(-1) + math.exp(-4)))
    second = -math.log(math.exp(-1) / (math.exp(-1) + math.exp(-1)))
    assert value == pytest.approx((first + second) / 2, rel=1e-12)


@pytest.mark.parametrize("temperature", [1.0, 1e3])
def test_odd_batches(odd_batch, check_odd, temperature):
    x, y = odd_batch
    value = check_odd(soft_nearest_neighbor_loss(x, y, temperature), x)
    assert value == soft_nearest_neighbor_loss(x.detach().to(value.dtype), y, temperature)


def test_a_temperature_far_below_the_distances(check_odd):
    x = (1e4 * torch.randn(6, 4)).requires_grad_()
    check_odd(soft_nearest_neighbor_loss(x, torch.tensor([0, 0, 1, 1, 2, 2]), 1e-3), x)


@pytest.mark.parametrize("labels", [[0, 1, 2], [1], []])
def test_without_a_pair_of_one_class_it_is_0(labels):
    x = torch.randn(len(labels), 4, requires_grad=True)
    value = soft_nearest_neighbor_loss(x, torch.tensor(labels, dtype=torch.long))
    value.backward()
    assert value == 0
    assert x.grad.count_nonzero() == 0


def test_module(members):
    x, y = members.x, members.y
    assert SoftNearestNeighborLoss()(x[0], y[0]) == soft_nearest_neighbor_loss(x[0], y[0])
    array = SoftNearestNeighborLoss(torch.tensor([0.5, 1.0, 30.0]))
    assert torch.equal(array(x, y), soft_nearest_neighbor_loss(x, y, array.temperature))
    assert repr(array) == "SoftNearestNeighborLoss(temperature=[0.5, 1.0, 30.0])"
    assert not list(array.parameters())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": torch.zeros(14)}, "features must be"),
        ({"features": torch.zeros(14, 3, dtype=torch.long)}, "features must be"),
        ({"labels": torch.zeros(13, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.zeros(14)}, "class numbers"),
        ({"temperature": 0.0}, "temperature must be positive"),
        ({"temperature": math.nan}, "temperature must be finite"),
        ({"temperature": torch.ones(2)}, "temperature of shape"),
    ],
)
def test_invalid_arguments_give_one_line(change, message):
    fitting = {"features": torch.zeros(14, 3), "labels": torch.zeros(14, dtype=torch.long)}
    with pytest.raises(ValueError, match=message) as caught:
        soft_nearest_neighbor_loss(**{**fitting, **change})
    assert "\n" not in str(caught.value)


def test_invalid_module_arguments():
    with pytest.raises(ValueError, match="temperature must be positive"):
        SoftNearestNeighborLoss(torch.tensor([1.0, 0.0]))
