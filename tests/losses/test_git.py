import math

import pytest
import torch

from sweeper.losses import GitLoss, center_loss, git_loss


def expected(plain_distance, x, y, c, lambda_c, lambda_g):
    pull = sum(plain_distance.squared(u, c[label]) for u, label in zip(x, y, strict=True))
    push = [
        1 / (1 + plain_distance.squared(x[i], c[y[j]]))
        for i in range(len(y))
        for j in range(len(y))
        if y[i] != y[j]
    ]
    return lambda_c * pull / 2 / len(y) + lambda_g * sum(push) / max(len(push), 1)


@pytest.mark.parametrize("weights", [(1.0, 1.0), (0.01, 0.0), (0.0, 3.0)])
def test_single_member(plain_distance, members, weights):
    for k in range(3):
        inputs = members.x[k], members.y[k], members.c[k]
        value = expected(plain_distance, *(tensor.tolist() for tensor in inputs), *weights)
        assert git_loss(*inputs, *weights).item() == pytest.approx(value, rel=1e-12)


def test_array(plain_distance, members):
    c, g = [1.0, 0.01, 0.0], [0.5, 2.0, 1.0]
    inputs = members.x, members.y, members.c
    weights = (torch.tensor(values, dtype=torch.float64) for values in (c, g))
    array = git_loss(*inputs, *weights)
    for k in range(3):
        value = expected(plain_distance, *(tensor[k].tolist() for tensor in inputs), c[k], g[k])
        assert array[k].item() == pytest.approx(value, rel=1e-12)


def test_inputs_shared_by_members(members):
    x, y, c = members.x, members.y, members.c
    array = git_loss(x[0], y[0], c, 1.0, 2.0)
    assert array[2].item() == pytest.approx(git_loss(x[0], y[0], c[2], 1.0, 2.0).item(), rel=1e-12)
    assert git_loss(x.expand(2, 3, 14, 3), y, c, 1.0, 2.0).shape == (2, 3)


def test_gradients(members):
    g = torch.tensor([0.5, 2.0, 1.0], dtype=torch.float64)
    x, y, c = members.x.requires_grad_(), members.y, members.c.requires_grad_()
    assert torch.autograd.gradcheck(lambda x, c: git_loss(x, y, c, 0.7, g), (x, c))
    assert torch.autograd.gradcheck(lambda x, c: git_loss(x, y[0], c, 0.7, 2.0), (x[0], c[0]))


def test_odd_batches(odd_batch, check_odd):
    loss = GitLoss(3, 4, lambda_c=0.5)
    x, y = odd_batch
    value = check_odd(loss(x, y), x, loss.centers)
    assert value == loss(x.detach().to(value.dtype), y)
    if len(y.unique()) == 1:
        assert value == 0.5 * center_loss(x, y, loss.centers)


def test_module(members):
    x, y = members.x, members.y
    loss = GitLoss(4, 3, lambda_c=0.1, lambda_g=0.3).double()
    assert loss(x[0], y[0]) == git_loss(x[0], y[0], loss.centers, 0.1, 0.3)
    array = GitLoss(4, 3, lambda_g=torch.tensor([0.5, 1.0, 2.0])).double()
    assert array.centers.shape == (3, 4, 3)
    assert torch.equal(array(x, y), git_loss(x, y, array.centers, 1.0, array.lambda_g))
    assert "members=3, lambda_c=[1.0, 1.0, 1.0], lambda_g=[0.5, 1.0, 2.0]" in repr(array)
    assert GitLoss(4, 3, members=2).centers.shape == (2, 4, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": torch.zeros(14, 2)}, "features must be"),
        ({"labels": torch.zeros(13, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.full((14,), 4)}, "from 0 to 3"),
        ({"lambda_c": -1.0}, "lambda_c must not be negative"),
        ({"lambda_g": math.nan}, "lambda_g must be finite"),
        ({"lambda_g": torch.ones(2)}, "lambda_g of shape"),
    ],
)
def test_invalid_arguments_give_one_line(change, message):
    fitting = {
        "features": torch.zeros(14, 3),
        "labels": torch.zeros(14, dtype=torch.long),
        "centers": torch.zeros(4, 3),
        "lambda_c": 1.0,
        "lambda_g": 1.0,
    }
    with pytest.raises(ValueError, match=message) as caught:
        git_loss(**{**fitting, **change})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_classes": 1}, "num_classes"),
        ({"lambda_c": -0.1}, "lambda_c must not be negative"),
        ({"lambda_c": torch.ones(2), "lambda_g": torch.ones(3)}, "different shapes"),
    ],
)
def test_invalid_module_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        GitLoss(**{"num_classes": 4, "embedding_size": 3, **change})
