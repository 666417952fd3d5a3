"""Layers whose parameters carry a leading dimension of members, [M, ...].

Spatial activations are ``[B, G * C, H, W]``, the channels of G groups side by side, so that a
convolution over all members is one grouped convolution; flat ones are ``[G, B, d]``. G is the
number of batches R before the first layer with parameters, and the number of members M after it: a
batch that several members share is convolved once, with all their filters side by side.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: Channels that a processor's bfloat16 instructions take at once. Grouped convolutions of fewer
#: channels a group are slow: they are given more, of zeros, or, where they are the colors of
#: images, are run group by group. LeNet with 3 settings and 4 seeds, forward and backward, one
#: thread of an AMD EPYC with avx512_bf16: the first layer takes 15 ms instead of 23, the gradient
#: of the second layer's input (K = 16) 16 ms instead of 30.
_WIDTH, _COLORS = 8, 3


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
        weight: Tensor = self.weight
        bias = None if self.bias is None else self.bias.flatten()
        own = weight.shape[2]
        groups = x.shape[1] // own
        if groups > 1 and own < _WIDTH and _in_bfloat16(x):
            if own <= _COLORS:
                return self._each(x, weight.flatten(0, 1), bias, groups)
            x = _widened(x, groups, _WIDTH - own)
            weight = F.pad(weight, (0, 0, 0, 0, 0, _WIDTH - own))
        return self._convolved(x, weight.flatten(0, 1), bias, groups)

    def _convolved(self, x: Tensor, weight: Tensor, bias: Tensor | None, groups: int = 1) -> Tensor:
        return F.conv2d(x, weight, bias, self.stride, self.padding, self.dilation, groups)

    def _each(self, x: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> Tensor:
        """Convolve one group after another."""
        parts = [channels_last(part) for part in x.chunk(groups, dim=1)]
        biases = [None] * groups if bias is None else bias.chunk(groups)
        weights = weight.chunk(groups)
        each = zip(parts, weights, biases, strict=True)
        return torch.cat([self._convolved(*one) for one in each], dim=1)


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
        slopes = self.weight.flatten().repeat_interleave(channels)
        return F.prelu(x, slopes)


class PooledPReLU(FusedPReLU):
    """A PReLU and the max pooling behind it.

    They may change places while the slope of every member is positive, as it is drawn.
    """

    def __init__(self, prelu: FusedPReLU, pool: nn.MaxPool2d) -> None:
        nn.Module.__init__(self)
        self.weight, self.pool = prelu.weight, pool

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, M * C, H, W]`` to ``[B, M * C, H', W']``."""
        # To look at the slopes would wait for a card, and there both are bound by launches.
        if x.is_cpu and bool((self.weight > 0).all()):
            return super().forward(self.pool(x))
        pooled: Tensor = self.pool(super().forward(x))
        return pooled


def channels_last(x: Tensor) -> Tensor:
    """Lay ``[B, C, H, W]`` out with the channels last, in which a CPU is faster, at pooling much.

    One channel counts as contiguous in either layout, and PyTorch then picks the slower one for all
    that follows, unless the strides say otherwise.
    """
    _, channels, height, width = x.shape
    if channels > 1:
        return x.contiguous(memory_format=torch.channels_last)
    return x.contiguous().as_strided(x.shape, (height * width, 1, width, 1))


def _in_bfloat16(x: Tensor) -> bool:
    """Return whether a convolution of x is computed in bfloat16 on a processor."""
    if not x.is_cpu:
        return False
    if torch.is_autocast_enabled("cpu"):
        return torch.get_autocast_dtype("cpu") == torch.bfloat16
    return x.dtype == torch.bfloat16


def _widened(x: Tensor, groups: int, missing: int) -> Tensor:
    """Give each group of channels of ``[B, G * C, H, W]`` so many more, of zeros."""
    apart = x.permute(0, 2, 3, 1).unflatten(3, (groups, -1))
    return F.pad(apart, (0, missing)).flatten(3).permute(0, 3, 1, 2)


def stacked(tensors: list[Tensor]) -> nn.Parameter:
    """Stack one parameter of every member into ``[M, ...]``; a frozen one stays frozen."""
    values = torch.stack([tensor.detach() for tensor in tensors])
    return nn.Parameter(values, requires_grad=tensors[0].requires_grad)
