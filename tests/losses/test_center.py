import pytest
import torch

from sweeper.losses import CenterLoss, center_loss


def expected(plain_distance, x, y, c):
    pairs = zip(x, y, strict=True)
    return sum(plain_distance.squared(u, c[label]) for u, label in pairs) / 2 / len(y)


def test_single_member(plain_distance, members):
    for k in range(3):
        x, y, c = members.x[k], members.y[k], members.c[k]
        value = expected(plain_distance, x.tolist(), y.tolist(), c.tolist())
        assert center_loss(x, y, c).item() == pytest.approx(value, rel=1e-12)


def test_array(members):
    array = center_loss(members.x, members.y, members.c)
    for k in range(3):
        assert array[k].item() == pytest.approx(
            center_loss(members.x[k], members.y[k], members.c[k]).item(), rel=1e-12
        )


def test_inputs_shared_by_members(members):
    x, y, c = members.x, members.y, members.c
    shared = center_loss(x[0], y[0], c)
    torch.testing.assert_close(
        shared, center_loss(x[:1].expand_as(x), y[:1].expand_as(y), c), rtol=0, atol=1e-12
    )
    assert center_loss(x, y[0], c[0])[2] == center_loss(x[2], y[0], c[0])
    assert center_loss(x.expand(2, 3, 14, 3), y, c).shape == (2, 3)


def test_gradients(members):
    x, c = members.x.requires_grad_(), members.c.requires_grad_()
    assert torch.autograd.gradcheck(lambda x, c: center_loss(x, members.y, c), (x, c))
    assert torch.autograd.gradcheck(lambda x, c: center_loss(x, members.y[0], c), (x[0], c[0]))


def test_odd_batches(odd_batch, check_odd):
    loss = CenterLoss(3, 4)
    x, y = odd_batch
    value = check_odd(loss(x, y), x, loss.centers)
    assert value == center_loss(x.detach().to(value.dtype), y, loss.centers)


def test_close_to_a_center_far_from_zero():
    c = torch.full((2, 3), 1000.0)
    x = c[:1] + torch.tensor([[2.0**-10, 0.0, 0.0]])
    assert center_loss(x, torch.tensor([1]), c).item() == 2.0**-21


def test_module(members):
    loss = CenterLoss(4, 3).double()
    assert loss.centers.shape == (4, 3)
    x, y = members.x, members.y
    assert loss(x[0], y[0]) == center_loss(x[0], y[0], loss.centers)
    array = CenterLoss(4, 3, members=3).double()
    assert [name for name, _ in array.named_parameters()] == ["centers"]
    assert torch.equal(array(x, y), center_loss(x, y, array.centers))
    assert repr(array) == "CenterLoss(num_classes=4, embedding_size=3, members=3)"


def test_centers_start_from_a_normal_distribution():
    torch.manual_seed(3)
    loss = CenterLoss(500, 20)
    torch.manual_seed(3)
    assert torch.equal(loss.centers, torch.randn(500, 20))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": torch.zeros(14)}, "features must be"),
        ({"features": torch.zeros(14, 2)}, "features must be"),
        ({"features": torch.zeros(14, 3, dtype=torch.long)}, "floating point"),
        ({"features": torch.zeros(2, 14, 3), "centers": torch.zeros(5, 4, 3)}, "do not match"),
        ({"labels": torch.zeros(13, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.zeros(2, 14, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.zeros(14)}, "class numbers"),
        ({"labels": torch.full((14,), 4)}, "from 0 to 3"),
        ({"labels": torch.full((14,), -1)}, "from 0 to 3"),
        ({"centers": torch.zeros(3)}, "centers must be"),
        ({"centers": torch.zeros(4, 3, dtype=torch.long)}, "centers must be"),
    ],
)
def test_invalid_arguments_give_one_line(change, message):
    fitting = {
        "features": torch.zeros(14, 3),
        "labels": torch.zeros(14, dtype=torch.long),
        "centers": torch.zeros(4, 3),
    }
    with pytest.raises(ValueError, match=message) as caught:
        center_loss(**{**fitting, **change})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("sizes", [(1, 3, None), (4, 0, None), (4, 3, 0)])
def test_sizes_that_are_too_small(sizes):
    with pytest.raises(ValueError, match="must be at least"):
        CenterLoss(*sizes)
