"""Layers whose parameters carry a leading dimension of members, [M, ...].

Spatial activations are ``[B, G * C, H, W]``, the channels of G groups side by side, so that a
convolution over all members is one grouped convolution; flat ones are ``[G, B, d]``. G is the
number of batches R before the first layer with parameters, and the number of members M after it: a
batch that several members share is convolved once, with all their filters side by side.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class FusedConv2d(nn.Module):
    """M convolutions of one shape: weight ``[M, C_out, C_in, h, w]``, bias ``[M, C_out]``."""

    def __init__(self, members: list[nn.Conv2d]) -> None:
        super().__init__()
        first = members[0]
        self.stride, self.padding, self.dilation = first.stride, first.padding, first.dilation
        self.weight = stacked([layer.weight for layer in members])
        self.bias = (
            None
            if first.bias is None
            else stacked([layer.bias for layer in members if layer.bias is not None])
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, G * C_in, H, W]`` to ``[B, M * C_out, H', W']``."""
        groups = x.shape[1] // self.weight.shape[2]
        bias = None if self.bias is None else self.bias.flatten()
        weight = self.weight.flatten(0, 1)
        return F.conv2d(x, weight, bias, self.stride, self.padding, self.dilation, groups)


class FusedLinear(nn.Module):
    """M linear layers of one shape: weight ``[M, out, in]``, bias ``[M, out]``."""

    def __init__(self, members: list[nn.Linear]) -> None:
        super().__init__()
        self.weight = stacked([layer.weight for layer in members])
        has_bias = members[0].bias is not None
        self.bias = stacked([layer.bias for layer in members]) if has_bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[G, B, in]`` to ``[M, B, out]``."""
        members, out, _ = self.weight.shape
        groups, batch, _ = x.shape
        # The members of one batch lie side by side: one wide product a batch.
        wide = self.weight.reshape(groups, -1, x.shape[2])
        y = torch.bmm(x, wide.transpose(1, 2))
        if groups != members:
            y = y.reshape(groups, batch, members // groups, out).transpose(1, 2)
            y = y.reshape(members, batch, out)
        return y if self.bias is None else y + self.bias.unsqueeze(1)


class FusedPReLU(nn.Module):
    """M PReLU layers with one slope for all channels: weight ``[M, 1]``."""

    def __init__(self, members: list[nn.PReLU]) -> None:
        super().__init__()
        self.weight = stacked([layer.weight for layer in members])

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape, ``[B, M * C, H, W]`` or ``[M, B, d]``."""
        if x.dim() == 3:
            return torch.where(x > 0, x, self.weight.unsqueeze(2) * x)
        channels = x.shape[1] // self.weight.shape[0]
        return F.prelu(x, self.weight.flatten().repeat_interleave(channels))


def stacked(tensors: list[Tensor]) -> nn.Parameter:
    """Stack one parameter of every member into ``[M, ...]``; a frozen one stays frozen."""
    values = torch.stack([tensor.detach() for tensor in tensors])
    return nn.Parameter(values, requires_grad=tensors[0].requires_grad)
