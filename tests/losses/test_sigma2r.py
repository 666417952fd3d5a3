import math

import pytest
import torch

from sweeper.losses import Sigma2RLoss, sigma2r_loss


def sigma(squares, n):
    nearest = sorted(squares)[:n]
    return math.sqrt(sum(nearest) / len(nearest) + 1e-12)


def expected(plain_distance, x, y, c, w, n=7, z=40.0):
    """The formulas of the σ²R paper for lists x [B][d], y [B], c [C][d] and w [C]."""
    total = 0.0
    for i, (u, label) in enumerate(zip(x, y, strict=True)):
        mates = [j for j, other in enumerate(y) if other == label]
        others = [plain_distance.squared(u, x[j]) for j in mates if j != i]
        rate = 1e-3 + z / (1 + math.exp(-w[label]))
        beta = z / 2
        if others:
            center = sigma([plain_distance.squared(x[j], c[label]) for j in mates], n)
            beta = z / (1 + math.exp(-rate * (sigma(others, n) - center)))
        total += beta * plain_distance.squared(u, c[label])
    return total / len(y)


@pytest.mark.parametrize(("n", "z"), [(7, 40.0), (1, 2.0), (3, 40.0), (99, 0.5)])
def test_single_member(plain_distance, members, n, z):
    for k in range(3):
        inputs = members.x[k], members.y[k], members.c[k], members.w[k]
        value = expected(plain_distance, *(tensor.tolist() for tensor in inputs), n, z)
        assert sigma2r_loss(*inputs, n, z).item() == pytest.approx(value, rel=1e-12)


def test_array(plain_distance, members):
    z = [40.0, 2.0, 0.5]
    inputs = members.x, members.y, members.c, members.w
    array = sigma2r_loss(*inputs, 3, torch.tensor(z, dtype=torch.float64))
    for k in range(3):
        lists = (tensor[k].tolist() for tensor in inputs)
        value = expected(plain_distance, *lists, 3, z[k])
        assert array[k].item() == pytest.approx(value, rel=1e-12)


def test_inputs_shared_by_members(members):
    x, y, c, w = members.x, members.y, members.c, members.w
    array = sigma2r_loss(x, y[0], c[0], w[0])
    assert array[2].item() == pytest.approx(sigma2r_loss(x[2], y[0], c[0], w[0]).item(), rel=1e-12)
    array = sigma2r_loss(x[0], y[0], c, w[0])
    assert array[2].item() == pytest.approx(sigma2r_loss(x[0], y[0], c[2], w[0]).item(), rel=1e-12)
    assert sigma2r_loss(x.expand(2, 3, 14, 3), y, c, w).shape == (2, 3)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_gradients_flow_through_sigma(members, n):
    z = torch.tensor([2.0, 0.5, 4.0], dtype=torch.float64)
    inputs = [tensor.requires_grad_() for tensor in (members.x, members.c, members.w)]

    def value(x, c, w):
        return sigma2r_loss(x, members.y, c, w, n, z)

    def alone(x, c, w):
        return sigma2r_loss(x, members.y[0], c, w, n, 2.0)

    assert torch.autograd.gradcheck(value, inputs)
    assert torch.autograd.gradcheck(alone, [tensor[0] for tensor in inputs])


def test_alone_in_its_class_beta_is_half_of_z():
    x = torch.tensor([[3.0, 4.0]], requires_grad=True)
    growth = torch.zeros(2, requires_grad=True)
    value = sigma2r_loss(x, torch.tensor([0]), torch.zeros(2, 2), growth, z=10.0)
    value.backward()
    assert value.item() == 5.0 * 25.0
    assert growth.grad.tolist() == [0.0, 0.0]
    assert x.grad.tolist() == [[30.0, 40.0]]


def test_odd_batches(odd_batch, check_odd):
    loss = Sigma2RLoss(3, 4, n_neighbors=2)
    x, y = odd_batch
    value = check_odd(loss(x, y), x, loss.centers, loss.growth)
    assert value == loss(x.detach().to(value.dtype), y)


def test_on_its_center(check_odd):
    x = torch.ones(4, 3, requires_grad=True)
    c, w = torch.ones(2, 3, requires_grad=True), torch.zeros(2, requires_grad=True)
    assert check_odd(sigma2r_loss(x, torch.tensor([0, 0, 0, 1]), c, w), x, c, w) == 0


def test_module(members):
    x, y = members.x, members.y
    loss = Sigma2RLoss(4, 3).double()
    assert loss(x[0], y[0]) == sigma2r_loss(x[0], y[0], loss.centers, loss.growth)
    array = Sigma2RLoss(4, 3, n_neighbors=2, z=torch.tensor([40.0, 2.0, 1.0])).double()
    shapes = {name: tuple(value.shape) for name, value in array.named_parameters()}
    assert shapes == {"centers": (3, 4, 3), "growth": (3, 4)}
    value = sigma2r_loss(x, y, array.centers, array.growth, 2, array.z)
    assert torch.equal(array(x, y), value)
    assert Sigma2RLoss(4, 3, members=2).growth.shape == (2, 4)
    assert repr(array) == (
        "Sigma2RLoss(num_classes=4, embedding_size=3, members=3, n_neighbors=2, z=[40.0, 2.0, 1.0])"
    )
    assert "n_neighbors=7, z=40.0" in repr(loss)


def test_centers_are_drawn_first():
    torch.manual_seed(3)
    loss = Sigma2RLoss(4, 3)
    torch.manual_seed(3)
    assert torch.equal(loss.centers, torch.randn(4, 3))
    assert torch.equal(loss.growth, torch.randn(4))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": torch.zeros(14, 2)}, "features must be"),
        ({"labels": torch.zeros(13, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.full((14,), 4)}, "from 0 to 3"),
        ({"growth": torch.zeros(3)}, "growth of shape"),
        ({"growth": torch.zeros(2, 4)}, "growth of shape"),
        ({"n_neighbors": 0}, "n_neighbors must be"),
        ({"n_neighbors": 2.5}, "n_neighbors must be"),
        ({"z": 0.0}, "z must be positive"),
        ({"z": math.inf}, "z must be finite"),
        ({"z": torch.ones(2)}, "z of shape"),
    ],
)
def test_invalid_arguments_give_one_line(change, message):
    fitting = {
        "features": torch.zeros(14, 3),
        "labels": torch.zeros(14, dtype=torch.long),
        "centers": torch.zeros(4, 3),
        "growth": torch.zeros(4),
    }
    with pytest.raises(ValueError, match=message) as caught:
        sigma2r_loss(**{**fitting, **change})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_classes": 1}, "num_classes"),
        ({"n_neighbors": 0}, "n_neighbors must be"),
        ({"z": torch.tensor([1.0, -1.0])}, "z must be positive"),
        ({"z": torch.ones(2), "members": 3}, "different shapes"),
        ({"members": 0}, "members must be at least 1"),
    ],
)
def test_invalid_module_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        Sigma2RLoss(**{"num_classes": 4, "embedding_size": 3, **change})
