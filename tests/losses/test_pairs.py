import math

import pytest
import torch

from sweeper.losses.cosine import unit_length
from sweeper.losses.pairs import EPSILON, mean_where, squared_distances


def test_distances(plain_distance, members):
    d = squared_distances(members.x, members.c)
    assert d.shape == (3, 14, 4)
    for k in range(3):
        for i, u in enumerate(members.x[k].tolist()):
            row = [plain_distance.squared(u, v) for v in members.c[k].tolist()]
            assert d[k, i].tolist() == pytest.approx(row, rel=1e-12)


def test_gradients(members):
    x, c = members.x.requires_grad_(), members.c.requires_grad_()
    assert torch.autograd.gradcheck(squared_distances, (x, c))
    assert torch.autograd.gradcheck(lambda x: squared_distances(x, x), (x[0],))


def test_close_points_keep_their_distance_and_gradient_in_float32():
    step = 2.0**-12
    x = torch.full((2, 3), 100.0)
    x[1, 0] += step
    x.requires_grad_()
    d = squared_distances(x, x)
    assert d.tolist() == [[0.0, step**2], [step**2, 0.0]]
    (d[0, 1] + EPSILON).sqrt().backward()
    assert x.grad[:, 0].tolist() == pytest.approx([-1.0, 1.0], rel=1e-4)
    assert x.grad[:, 1:].count_nonzero() == 0


def test_coinciding_points_have_almost_no_gradient():
    x = torch.randn(1, 8).repeat(5, 1).requires_grad_()
    (squared_distances(x, x) + EPSILON).sqrt().sum().backward()
    assert x.grad.abs().max() < 1e-8


def test_autocast_changes_nothing():
    x = torch.randn(6, 3)
    exact = squared_distances(x, x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(squared_distances(x, x), exact)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_unit_length(dtype):
    x = torch.tensor([[3.0, 4.0], [0.0, 0.0]], dtype=dtype, requires_grad=True)
    unit = unit_length(x)
    torch.testing.assert_close(unit, torch.tensor([[0.6, 0.8], [0.0, 0.0]], dtype=dtype))
    unit.sum().backward()
    assert x.grad.isfinite().all()
    assert x.grad[1].count_nonzero() == 0


def test_mean_where_nowhere_is_0():
    values = torch.tensor([[1.0, math.inf], [3.0, 5.0]], requires_grad=True)
    mask = torch.tensor([[True, False], [False, False]])
    assert mean_where(mask, values, axes=1).tolist() == [1.0, 0.0]
    assert mean_where(mask, values).item() == 1.0
    mean_where(mask & False, values).backward()
    assert values.grad.count_nonzero() == 0
