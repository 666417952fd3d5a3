"""A fused net against its members run one by one."""

import pytest
import torch
from torch import nn

from sweeper import models
from sweeper.models.fused import FusedNet, fuse
from sweeper.models.layers import FusedConv2d
from sweeper.models.unfused import MemberByMember

IMAGES = [
    ("compact", (1, 8, 8)),
    ("compact", (3, 10, 9)),
    ("four-layer", (1, 8, 8)),
    ("lenet", (1, 12, 12)),
    ("lenet", (3, 14, 13)),
    ("lenet-wide", (1, 12, 12)),
    ("lenet-wide", (3, 14, 13)),
]
EMBEDDINGS = [("head", (5,)), ("linear", (5,)), ("mlp", (5,))]


def members(name, shape, count):
    torch.manual_seed(0)
    return [models.build(name, shape, 7).double() for _ in range(count)]


@pytest.mark.parametrize(("name", "shape"), IMAGES + EMBEDDINGS)
@pytest.mark.parametrize("batches", [1, 2, 6])
def test_features_are_those_of_the_members(name, shape, batches):
    nets = members(name, shape, 6)
    fused = fuse(nets)
    assert isinstance(fused, FusedNet)
    x = torch.randn(batches, 4, *shape, dtype=torch.float64)
    features = fused(x)
    for m, net in enumerate(nets):
        expected = net(x[m * batches // 6])
        torch.testing.assert_close(features[m], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "shape"), [case for case in IMAGES + EMBEDDINGS if case[0] != "head"]
)
def test_gradients_are_those_of_the_members(name, shape):
    nets = members(name, shape, 4)
    fused = fuse(nets)
    x = torch.randn(2, 3, *shape, dtype=torch.float64)
    fused(x).square().sum().backward()
    for m, net in enumerate(nets):
        net(x[m // 2]).square().sum().backward()
        for single, stacked in zip(net.parameters(), fused.parameters(), strict=True):
            torch.testing.assert_close(stacked.grad[m], single.grad, rtol=1e-10, atol=1e-10)


def test_one_member_equals_the_single_net():
    (net,) = members("compact", (1, 8, 8), 1)
    x = torch.randn(1, 3, 1, 8, 8, dtype=torch.float64)
    torch.testing.assert_close(fuse([net])(x)[0], net(x[0]), rtol=0, atol=1e-13)


def test_ties_in_a_pooled_window_have_the_usual_gradient():
    # The fused net pools before ReLU; the two orders could differ if a window is all negative, or
    # has equal values.
    net = nn.Sequential(nn.Conv2d(1, 1, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()).double()
    with torch.no_grad():
        net[0].weight.fill_(1.0)
        net[0].bias.fill_(-1.0)
    x = torch.tensor([[0.5, 0.5, 2, 2], [0.5, 0.5, 2, 2], [1, 1, 0, 3], [1, 1, 3, 0]])
    x = x.double().view(1, 1, 1, 4, 4)
    fused = fuse([net])
    fused(x).sum().backward()
    net(x[0]).sum().backward()
    for single, stacked in zip(net.parameters(), fused.parameters(), strict=True):
        torch.testing.assert_close(stacked.grad[0], single.grad)


@pytest.mark.parametrize(
    "layer",
    [nn.Conv2d(2, 2, 1, groups=2), nn.BatchNorm2d(2), nn.PReLU(2), nn.Flatten(0)],
    ids=["grouped", "batch-norm", "prelu-per-channel", "flatten-batch"],
)
def test_unsupported_layers_run_member_by_member(layer):
    assert isinstance(fuse([nn.Sequential(layer)]), MemberByMember)


class Own(nn.Linear):
    """A linear layer with extra behavior."""


class Scaled(nn.Sequential):
    def forward(self, x):
        return 3 * super().forward(x)


def tied():
    net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))
    net[2].weight = net[0].weight
    return net


def hooked():
    layer = nn.Linear(3, 3)
    layer.register_forward_hook(lambda module, inputs, output: 3 * output)
    return layer


@pytest.mark.parametrize(
    "net",
    [
        Scaled(nn.Linear(3, 3)),
        nn.Sequential(Own(3, 3)),
        nn.Sequential(hooked()),
        nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3))),
        nn.Sequential(*[nn.Linear(3, 3)] * 2),
        tied(),
    ],
    ids=[
        "own sequential",
        "own layer",
        "hook",
        "parametrised",
        "the same layer twice",
        "tied",
    ],
)
def test_nets_with_extra_behavior_are_not_fused(net):
    fused = fuse([net.eval()]).eval()
    assert isinstance(fused, MemberByMember)
    x = torch.randn(1, 4, 3)
    torch.testing.assert_close(fused(x)[0], net(x[0]))


def test_flattening_flat_inputs_changes_nothing():
    net = nn.Sequential(nn.Flatten(), nn.Linear(3, 4), nn.Flatten(), nn.Linear(4, 2))
    x = torch.randn(2, 5, 3)
    torch.testing.assert_close(fuse([net, net])(x)[1], net(x[1]))


def test_prelu_has_pytorchs_gradient_at_zero():
    net = nn.Sequential(nn.PReLU(), nn.Linear(2, 1))
    x = torch.zeros(1, 1, 2, requires_grad=True)
    fuse([net])(x).sum().backward()
    fused, x.grad = x.grad, None
    net(x[0]).sum().backward()
    torch.testing.assert_close(fused, x.grad)


def test_frozen_layers_stay_frozen():
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))
    net[0].requires_grad_(False)
    assert [p.requires_grad for p in fuse([net, net]).parameters()] == [False, False, True, True]


@pytest.mark.parametrize("slopes", [[0.25, 0.1, 2.0], [0.25, -0.5, 0.1], [0.0, 0.25, 0.3]])
def test_pooling_moves_before_prelu_only_where_equivalent(slopes):
    # With a slope below 0 the largest of a window may change; at 0 all become equal.
    nets = members("lenet", (1, 12, 12), 3)
    with torch.no_grad():
        for net, slope in zip(nets, slopes, strict=True):
            for layer in net:
                if isinstance(layer, nn.PReLU):
                    layer.weight.fill_(slope)
    fused = fuse(nets)
    x = torch.randn(1, 4, 1, 12, 12, dtype=torch.float64)
    features = fused(x)
    features.square().sum().backward()
    for m, net in enumerate(nets):
        expected = net(x[0])
        expected.square().sum().backward()
        torch.testing.assert_close(features[m], expected, rtol=0, atol=1e-12)
        for single, stacked in zip(net.parameters(), fused.parameters(), strict=True):
            torch.testing.assert_close(stacked.grad[m], single.grad, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("channels", [3, 6, 8, 9])
def test_bfloat16_convolutions_of_few_channels(channels):
    torch.manual_seed(0)
    layers = [nn.Conv2d(channels, 4, 3, padding=1) for _ in range(3)]
    fused = FusedConv2d(layers).bfloat16()
    x = torch.randn(5, 3 * channels, 6, 6).bfloat16().requires_grad_()
    upstream = torch.randn(5, 12, 6, 6).bfloat16()
    fused(x).backward(upstream)
    for m, layer in enumerate(layers):
        member_input = x.detach()[:, m * channels : (m + 1) * channels].double().requires_grad_()
        layer.bfloat16().double()(member_input).backward(upstream[:, 4 * m : 4 * m + 4].double())
        gradient = x.grad[:, m * channels : (m + 1) * channels]
        torch.testing.assert_close(gradient.double(), member_input.grad, rtol=2e-2, atol=2e-2)
        for grad, expected in (
            (fused.weight.grad[m], layer.weight.grad),
            (fused.bias.grad[m], layer.bias.grad),
        ):
            torch.testing.assert_close(grad.double(), expected, rtol=2e-2, atol=0.1)
