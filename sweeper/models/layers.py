"""Fused layers, whose parameters have a leading dimension of members, [M, ...].

Spatial activations are ``[B, G * C, H, W]``, with the channels of G groups concatenated, so that a
convolution over all members is one grouped convolution. Flat activations are ``[G, B, d]``. G is
the number of batches R before the first layer with parameters and the number of members M after it:
a batch shared by several members is convolved once, with the filters of all of them concatenated.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: Number of channels that bfloat16 instructions of a CPU process at once. Grouped convolutions with
#: fewer channels per group are slow, so they are padded with zero channels, or run group by group
#: if the channels are the colors of images. Measured for LeNet with 3 settings and 4 seeds, forward
#: and backward, on one thread of an AMD EPYC with avx512_bf16: the first layer takes 15 ms instead
#: of 23, the gradient of the second layer's input (K = 16) 16 ms instead of 30.
_WIDTH, _COLORS = 8, 3


class FusedConv2d(nn.Module):
    """M convolutions of the same shape: weight ``[M, C_out, C_in, h, w]``, bias ``[M, C_out]``."""

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
        channels = weight.shape[2]
        groups = x.shape[1] // channels
        if groups > 1 and channels < _WIDTH and _in_bfloat16(x):
            if channels <= _COLORS:
                return self._convolve_each(x, weight.flatten(0, 1), bias, groups)
            x = _pad_groups(x, groups, _WIDTH - channels)
            weight = F.pad(weight, (0, 0, 0, 0, 0, _WIDTH - channels))
        return self._convolve(x, weight.flatten(0, 1), bias, groups)

    def _convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None, groups: int = 1) -> Tensor:
        return F.conv2d(x, weight, bias, self.stride, self.padding, self.dilation, groups)

    def _convolve_each(self, x: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> Tensor:
        """Convolve the groups one after another."""
        parts = [channels_last(part) for part in x.chunk(groups, dim=1)]
        biases = [None] * groups if bias is None else bias.chunk(groups)
        weights = weight.chunk(groups)
        arguments = zip(parts, weights, biases, strict=True)
        return torch.cat([self._convolve(*group) for group in arguments], dim=1)


class FusedLinear(nn.Module):
    """M linear layers of the same shape: weight ``[M, out, in]``, bias ``[M, out]``."""

    def __init__(self, members: list[nn.Linear]) -> None:
        super().__init__()
        self.weight = stacked([layer.weight for layer in members])
        has_bias = members[0].bias is not None
        self.bias = stacked([layer.bias for layer in members]) if has_bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[G, B, in]`` to ``[M, B, out]``."""
        members, out, _ = self.weight.shape
        groups, batch, _ = x.shape
        # The weights of members that share a batch are concatenated: one wide product per batch.
        wide = self.weight.reshape(groups, -1, x.shape[2])
        y = torch.bmm(x, wide.transpose(1, 2))
        if groups != members:
            y = y.reshape(groups, batch, members // groups, out).transpose(1, 2)
            y = y.reshape(members, batch, out)
        return y if self.bias is None else y + self.bias.unsqueeze(1)


class FusedPReLU(nn.Module):
    """M PReLU layers, each with one slope for all channels: weight ``[M, 1]``."""

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
    """A PReLU followed by max pooling.

    The order may be swapped as long as all slopes are positive, as they are initially.
    """

    def __init__(self, prelu: FusedPReLU, pool: nn.MaxPool2d) -> None:
        nn.Module.__init__(self)
        self.weight, self.pool = prelu.weight, pool

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, M * C, H, W]`` to ``[B, M * C, H', W']``."""
        # Reading the slopes would wait for a GPU, where both orders are limited by kernel launches.
        if x.is_cpu and bool((self.weight > 0).all()):
            return super().forward(self.pool(x))
        pooled: Tensor = self.pool(super().forward(x))
        return pooled


def channels_last(x: Tensor) -> Tensor:
    """Convert ``[B, C, H, W]`` to channels-last layout: faster on a CPU, most of all in pooling.

    A single channel counts as contiguous in both layouts; PyTorch would then use the slower one in
    all later layers, unless the strides say otherwise.
    """
    _, channels, height, width = x.shape
    if channels > 1:
        return x.contiguous(memory_format=torch.channels_last)
    return x.contiguous().as_strided(x.shape, (height * width, 1, width, 1))


def _in_bfloat16(x: Tensor) -> bool:
    """Return True if a convolution of x runs in bfloat16 on the CPU."""
    if not x.is_cpu:
        return False
    if torch.is_autocast_enabled("cpu"):
        return torch.get_autocast_dtype("cpu") == torch.bfloat16
    return x.dtype == torch.bfloat16


def _pad_groups(x: Tensor, groups: int, missing: int) -> Tensor:
    """Append `missing` zero channels to each group of ``[B, G * C, H, W]``."""
    grouped = x.permute(0, 2, 3, 1).unflatten(3, (groups, -1))
    return F.pad(grouped, (0, missing)).flatten(3).permute(0, 3, 1, 2)


def stacked(tensors: list[Tensor]) -> nn.Parameter:
    """Stack one parameter of all members into ``[M, ...]``; a frozen parameter stays frozen."""
    values = torch.stack([tensor.detach() for tensor in tensors])
    return nn.Parameter(values, requires_grad=tensors[0].requires_grad)
