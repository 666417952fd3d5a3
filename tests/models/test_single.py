"""A member's weights, extracted from an array into a single net."""

import copy
from collections import OrderedDict

import pytest
import torch
from torch import nn

from sweeper import models
from sweeper.models.fused import FusedNet, fuse
from sweeper.models.unfused import MemberByMember


class Normed(nn.Module):
    """A user's net: batch norm, a shared tensor, and a non-persistent buffer."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.out = nn.Linear(4, 4)
        self.again = nn.Linear(4, 4)
        self.again.weight = self.out.weight
        self.register_buffer("two", torch.tensor(2.0), persistent=False)

    def forward(self, x):
        y = torch.relu(self.norm(self.conv(x))).mean(dim=(2, 3))
        return self.again(self.out(y) * self.two)


BUILDERS = {
    "compact": lambda: models.build("compact", (1, 12, 12), 5),
    "lenet": lambda: models.build("lenet", (1, 12, 12), 5),
    "named": lambda: nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(1, 2, 3, bias=False),
            relu=nn.ReLU(),
            pool=nn.MaxPool2d(2),
            flat=nn.Flatten(),
            out=nn.Linear(50, 5),
        )
    ),
    "user": Normed,
}


@pytest.mark.parametrize("name", BUILDERS)
def test_the_single_net_equals_the_member(name):
    torch.manual_seed(0)
    build = BUILDERS[name]
    fused = fuse([build().double() for _ in range(4)]).double()
    assert isinstance(fused, MemberByMember if name == "user" else FusedNet)
    optimizer = torch.optim.SGD(fused.parameters(), lr=0.01)
    x = torch.randn(2, 6, 1, 12, 12, dtype=torch.float64)
    for _ in range(
        3
    ):  # so that running means and weights differ from their start and between members
        optimizer.zero_grad()
        fused(x).square().sum().backward()
        optimizer.step()
    fused.eval()
    features = fused(x)
    for m in range(4):
        single = build().double()
        single.load_state_dict(fused.member_state(m))
        torch.testing.assert_close(single.eval()(x[m // 2]), features[m], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", BUILDERS)
def test_the_state_is_a_copy(name):
    fused = fuse([BUILDERS[name]() for _ in range(2)])
    before = fused.member_state(1)
    kept = copy.deepcopy(before)
    with torch.no_grad():
        for parameter in fused.parameters():
            parameter.add_(1)
    assert all(before[key].equal(kept[key]) for key in kept)
