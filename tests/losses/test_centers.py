import pytest
import torch

from sweeper.losses.centers import fit_together, own_centers, own_squared_distances, own_values


def test_one_precision_of_features_and_centers():
    y = torch.tensor([0, 1])
    for low in (torch.float16, torch.bfloat16):
        x, _, c = fit_together(torch.zeros(2, 3, dtype=low), y, torch.zeros(4, 3, dtype=low))
        assert x.dtype == c.dtype == torch.float32
    x, _, c = fit_together(torch.zeros(2, 3), y, torch.zeros(4, 3, dtype=torch.float64))
    assert x.dtype == c.dtype == torch.float64


def test_members_of_either_are_those_of_both():
    x, y, c = fit_together(torch.zeros(2, 3), torch.tensor([0, 1]), torch.zeros(5, 4, 3))
    assert (x.shape, y.shape, c.shape) == ((5, 2, 3), (5, 2), (5, 4, 3))
    x, y, c = fit_together(torch.zeros(5, 2, 3), torch.tensor([0, 1]), torch.zeros(4, 3))
    assert (x.shape, y.shape, c.shape) == ((5, 2, 3), (5, 2), (5, 4, 3))


def test_the_center_of_each_sample(members):
    own = own_centers(members.y, members.c)
    values = own_values(members.y, members.w.unsqueeze(-2))
    squares = own_squared_distances(members.x, members.y, members.c)
    for k in range(3):
        for i, label in enumerate(members.y[k].tolist()):
            assert torch.equal(own[k, i], members.c[k, label])
            assert values[k, 0, i] == members.w[k, label]
            square = (members.x[k, i] - members.c[k, label]).square().sum()
            assert squares[k, i].item() == pytest.approx(square.item(), rel=1e-12)


@pytest.mark.parametrize("label", [4, -1, -100])
def test_a_label_without_a_center(members, label):
    members.y[1, 3] = label
    with pytest.raises(ValueError, match="from 0 to 3"):
        own_centers(members.y, members.c)
