"""Many nets of one shape as one module."""

from collections.abc import Sequence

from torch import Tensor, nn

from sweeper.models.layers import FusedConv2d, FusedLinear, FusedPReLU, PooledPReLU, channels_last
from sweeper.models.unfused import MemberByMember

#: Layers without parameters that act on each channel or value alone.
_PLAIN = (nn.ReLU, nn.MaxPool2d, nn.AvgPool2d, nn.Identity)
_KNOWN = (nn.Conv2d, nn.Linear, nn.PReLU, nn.Flatten, *_PLAIN)


class FusedNet(nn.Module):
    """M sequential nets of one shape, run as grouped convolutions and batched products."""

    def __init__(self, nets: Sequence[nn.Sequential]) -> None:
        super().__init__()
        self.members = len(nets)
        # Each layer's name in the net alone; those that hold weights stay in their places.
        self.names = [name for name, _ in nets[0].named_children()]
        fused = [_fuse_layer(list(same)) for same in zip(*nets, strict=True)]
        self.layers = nn.ModuleList(_pool_first(fused))

    def forward(self, x: Tensor, draws: Sequence[int] | None = None) -> Tensor:
        """Map R batches to the features of every member.

        Args:
            x: ``[R, B, C, H, W]`` images or ``[R, B, d]`` embeddings. Members ``r * M / R`` to
                ``(r + 1) * M / R - 1`` are given batch r.
            draws: seeds for random layers, of which a fused net has none.

        Returns:
            ``[M, B, embedding]``.
        """
        groups = len(x)
        if x.dim() == 5:
            x = channels_last(x.transpose(0, 1).flatten(1, 2))
        for layer in self.layers:
            if isinstance(layer, nn.Flatten):
                if x.dim() == 3:
                    continue
                x = x.unflatten(1, (groups, -1)).flatten(2).transpose(0, 1)
            else:
                x = layer(x)
                if not isinstance(layer, _PLAIN):
                    groups = self.members
        if groups == 1:  # a view: nothing is copied where all share one batch
            return x.expand(self.members, *x.shape[1:])
        return x if groups == self.members else x.repeat_interleave(self.members // groups, dim=0)

    def keep(self, members: Tensor) -> None:
        """Note that only these members ``[M']`` are left; the parameters were narrowed before."""
        self.members = len(members)

    def member_state(self, m: int) -> dict[str, Tensor]:
        """Return a copy of member m's weights, as the state dict of the net alone."""
        return {
            f"{name}.{own}": parameter[m].detach().clone()
            for name, layer in zip(self.names, self.layers, strict=True)
            for own, parameter in layer.named_parameters()
        }


def fuse(nets: Sequence[nn.Module]) -> FusedNet | MemberByMember:
    """Stack nets that were built alike into one module that holds ``[M, ...]`` parameters.

    Sequential nets of the layers known here are fused; any other net is run member by member.
    """
    sequences = [net for net in nets if isinstance(net, nn.Sequential)]
    if sequences and _can_be_fused(sequences[0]):
        return FusedNet(sequences)
    return MemberByMember(nets)


def _can_be_fused(net: nn.Sequential) -> bool:
    # Subclasses, hooks, and layers or weights that stand twice may do more than the layers say.
    if type(net) is not nn.Sequential or _is_hooked(net) or len(set(net)) < len(net):
        return False
    if len(list(net.parameters())) < len(list(net.named_parameters(remove_duplicate=False))):
        return False
    return all(_is_known(layer) for layer in net)


def _is_known(layer: nn.Module) -> bool:
    if type(layer) not in _KNOWN or _is_hooked(layer):
        return False
    if isinstance(layer, nn.Conv2d):
        return layer.groups == 1 and layer.padding_mode == "zeros"
    if isinstance(layer, nn.PReLU):
        return layer.num_parameters == 1
    if isinstance(layer, nn.Flatten):
        return (layer.start_dim, layer.end_dim) == (1, -1)
    return True


def _is_hooked(module: nn.Module) -> bool:
    # torch has no other way to ask.
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
    return any(getattr(module, name) for name in hooks)


def _fuse_layer(same: list[nn.Module]) -> nn.Module:
    """Fuse one layer of every member."""
    match same[0]:
        case nn.Conv2d():
            return FusedConv2d([layer for layer in same if isinstance(layer, nn.Conv2d)])
        case nn.Linear():
            return FusedLinear([layer for layer in same if isinstance(layer, nn.Linear)])
        case nn.PReLU():
            return FusedPReLU([layer for layer in same if isinstance(layer, nn.PReLU)])
        case plain:
            return plain


def _pool_first(layers: list[nn.Module]) -> list[nn.Module]:
    """Have max pooling done before the ReLU or PReLU in front of it: a quarter of the work."""
    layers = list(layers)
    for place in range(len(layers) - 1):
        match layers[place : place + 2]:
            case nn.ReLU() as relu, nn.MaxPool2d() as pool:
                layers[place : place + 2] = pool, relu
            case FusedPReLU() as prelu, nn.MaxPool2d() as pool:
                layers[place : place + 2] = PooledPReLU(prelu, pool), nn.Identity()
    return layers
