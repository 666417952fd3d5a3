import pytest
import torch

from sweeper.losses.centers import (
    align_with_centers,
    centers_of_samples,
    squared_distances_to_centers,
    values_of_samples,
)


def test_one_precision_of_features_and_centers():
    y = torch.tensor([0, 1])
    for low in (torch.float16, torch.bfloat16):
        x, _, c = align_with_centers(torch.zeros(2, 3, dtype=low), y, torch.zeros(4, 3, dtype=low))
        assert x.dtype == c.dtype == torch.float32
    x, _, c = align_with_centers(torch.zeros(2, 3), y, torch.zeros(4, 3, dtype=torch.float64))
    assert x.dtype == c.dtype == torch.float64


def test_members_of_either_are_those_of_both():
    x, y, c = align_with_centers(torch.zeros(2, 3), torch.tensor([0, 1]), torch.zeros(5, 4, 3))
    assert (x.shape, y.shape, c.shape) == ((5, 2, 3), (5, 2), (5, 4, 3))
    x, y, c = align_with_centers(torch.zeros(5, 2, 3), torch.tensor([0, 1]), torch.zeros(4, 3))
    assert (x.shape, y.shape, c.shape) == ((5, 2, 3), (5, 2), (5, 4, 3))


def test_the_center_of_each_sample(members):
    own = centers_of_samples(members.y, members.c)
    values = values_of_samples(members.y, members.w.unsqueeze(-2))
    squares = squared_distances_to_centers(members.x, members.y, members.c)
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
        centers_of_samples(members.y, members.c)
