"""User-defined nets, one after another and under vmap, against single nets."""

import copy

import pytest
import torch
from torch import nn

from sweeper.errors import SweeperError
from sweeper.models.unfused import MemberByMember
from tests.support.own_nets import aliased, growing, local, remembering


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.out = nn.Linear(4, 5)

    def forward(self, x):
        y = torch.relu(self.norm(self.conv(x))) + x
        return self.out(y.mean(dim=(2, 3)))


def nets(count):
    torch.manual_seed(0)
    return [Residual().double() for _ in range(count)]


@pytest.mark.parametrize("how", ["run_each", "run_batched"])
@pytest.mark.parametrize("training", [True, False])
def test_members_equal_single_nets(how, training):
    singles = nets(3)
    stacked = MemberByMember(singles)
    singles = copy.deepcopy(singles)
    x = torch.randn(3, 6, 1, 4, 4, dtype=torch.float64)
    stacked.train(training)
    stacked.skeleton[0].train(training)
    features = getattr(stacked, how)(x)
    features.square().sum().backward()
    for m, net in enumerate(singles):
        net.train(training)
        expected = net(x[m])
        expected.square().sum().backward()
        torch.testing.assert_close(features[m], expected, rtol=0, atol=1e-12)
        for name, stack in zip(stacked.names, stacked.parameters(), strict=True):
            expected = net.get_parameter(name).grad
            torch.testing.assert_close(stack.grad[m], expected, rtol=0, atol=1e-12)
        for name, stack in zip(stacked.buffer_names, stacked.buffers(), strict=True):
            torch.testing.assert_close(stack[m], net.get_buffer(name), rtol=0, atol=1e-12)


def test_batches_are_shared_by_the_members_of_a_seed():
    singles = nets(4)
    stacked = MemberByMember(singles).eval()
    x = torch.randn(2, 3, 1, 4, 4, dtype=torch.float64)
    features = stacked(x)
    for m, net in enumerate(singles):
        torch.testing.assert_close(features[m], net.eval()(x[m // 2]), rtol=0, atol=1e-12)


def test_the_skeleton_has_no_weights():
    stacked = MemberByMember(nets(2))
    assert {parameter.shape[0] for parameter in stacked.parameters()} == {2}
    assert all(p.is_meta for p in stacked.skeleton[0].parameters())


def test_trying_vmap_changes_no_buffer():
    stacked = MemberByMember(nets(2))
    before = [buffer.clone() for buffer in stacked.buffers()]
    assert stacked._vmap_works(torch.randn(2, 3, 1, 4, 4, dtype=torch.float64))
    for buffer, value in zip(stacked.buffers(), before, strict=True):
        assert buffer.equal(value)


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(2, 2)

    def forward(self, x):
        return self.out(x) if x.sum().item() > 0 else -self.out(x)


def test_a_net_that_vmap_does_not_support():
    assert not MemberByMember([Branching()])._vmap_works(torch.randn(1, 3, 2))


def test_random_layers_draw_the_same_each_time():
    stacked = MemberByMember([nn.Sequential(nn.Dropout(0.5)) for _ in range(2)]).train()
    x = torch.ones(1, 4, 50)
    before = torch.get_rng_state()
    first = stacked(x, [7])
    assert first.equal(stacked(x, [7]))
    assert first[0].equal(first[1])  # trials of one seed drop the same units
    assert not first.equal(stacked(x, [8]))
    assert torch.get_rng_state().equal(before)


@pytest.mark.parametrize("how", ["run_each", "run_batched"])
@pytest.mark.parametrize("build", [aliased, local])
def test_shared_modules_and_classes_made_anew(build, how):
    torch.manual_seed(0)
    singles = [build((3,), 5).double() for _ in range(2)]
    stacked = MemberByMember(singles)
    singles = copy.deepcopy(singles)
    optimizer = torch.optim.SGD(stacked.parameters(), 0.1)
    for _ in range(3):
        x = torch.randn(2, 6, 3, dtype=torch.float64)
        features = getattr(stacked, how)(x)
        features.square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()
        for m, net in enumerate(singles):
            own = torch.optim.SGD(net.parameters(), 0.1)
            expected = net(x[m])
            expected.square().sum().backward()
            own.step()
            own.zero_grad()
            torch.testing.assert_close(features[m], expected, rtol=0, atol=1e-9)
    assert all(tensor.is_meta for tensor in stacked.skeleton[0].state_dict().values())
    for m, net in enumerate(singles):
        state = stacked.member_state(m)
        assert list(state) == list(net.state_dict())
        fresh = build((3,), 5).double()
        fresh.load_state_dict(state)
        torch.testing.assert_close(dict(fresh.state_dict()), dict(net.state_dict()))


def test_state_beside_the_tensors_is_kept():
    singles = [remembering((3,), 5) for _ in range(2)]
    for net in singles:
        net.factor = 0.25
    stacked = MemberByMember(singles)
    x = torch.randn(2, 6, 3)
    features = stacked(x)
    for m in range(2):
        state = stacked.member_state(m)
        assert list(state) == list(singles[m].state_dict())
        fresh = remembering((3,), 5)
        fresh.load_state_dict(state)
        torch.testing.assert_close(fresh(x[m]), features[m])
        torch.testing.assert_close(fresh.norm, singles[m].first.weight.detach().norm())


def test_a_builder_that_makes_another_net_each_time_is_refused():
    with pytest.raises(SweeperError, match="must build the same net each time"):
        MemberByMember([growing((3,), 5) for _ in range(2)])
