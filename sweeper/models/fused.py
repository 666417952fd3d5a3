"""Many nets of the same architecture as one module."""

from collections.abc import Sequence

from torch import Tensor, nn

from sweeper.models.layers import FusedConv2d, FusedLinear, FusedPReLU, PooledPReLU, channels_last
from sweeper.models.unfused import MemberByMember

#: Layers without parameters that act on each channel or value separately.
_STATELESS = (nn.ReLU, nn.MaxPool2d, nn.AvgPool2d, nn.Identity)
_SUPPORTED = (nn.Conv2d, nn.Linear, nn.PReLU, nn.Flatten, *_STATELESS)


class FusedNet(nn.Module):
    """M sequential nets of one architecture, run as grouped convolutions and batched products."""

    def __init__(self, nets: Sequence[nn.Sequential]) -> None:
        super().__init__()
        self.members = len(nets)
        # Each layer's name in a single net; layers with weights keep their positions.
        self.names = [name for name, _ in nets[0].named_children()]
        fused = [
            _fuse_layer(list(layers_of_members)) for layers_of_members in zip(*nets, strict=True)
        ]
        self.layers = nn.ModuleList(_pool_first(fused))

    def forward(self, x: Tensor, draws: Sequence[int] | None = None) -> Tensor:
        """Map R batches to the features of all members.

        Args:
            x: ``[R, B, C, H, W]`` images or ``[R, B, d]`` embeddings. Members ``r * M / R`` to ``(r
                + 1) * M / R - 1`` receive batch r.
            draws: seeds for random layers; unused, since a fused net has none.

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
                if not isinstance(layer, _STATELESS):
                    groups = self.members
        if groups == 1:  # a view, so nothing is copied if all share one batch
            return x.expand(self.members, *x.shape[1:])
        return x if groups == self.members else x.repeat_interleave(self.members // groups, dim=0)

    def keep(self, members: Tensor) -> None:
        """Keep only these members ``[M']``; the caller has already narrowed the parameters."""
        self.members = len(members)

    def member_state(self, m: int) -> dict[str, Tensor]:
        """Return a copy of member m's weights, as the state dict of a single net."""
        return {
            f"{name}.{parameter_name}": parameter[m].detach().clone()
            for name, layer in zip(self.names, self.layers, strict=True)
            for parameter_name, parameter in layer.named_parameters()
        }


def fuse(nets: Sequence[nn.Module]) -> FusedNet | MemberByMember:
    """Stack nets of the same architecture into one module with ``[M, ...]`` parameters.

    Sequential nets of supported layers are fused; all other nets run member by member.
    """
    sequences = [net for net in nets if isinstance(net, nn.Sequential)]
    if sequences and _can_be_fused(sequences[0]):
        return FusedNet(sequences)
    return MemberByMember(nets)


def _can_be_fused(net: nn.Sequential) -> bool:
    # Subclasses, hooks, and shared layers or weights may do more than the list of layers says.
    if type(net) is not nn.Sequential or _is_hooked(net) or len(set(net)) < len(net):
        return False
    if len(list(net.parameters())) < len(list(net.named_parameters(remove_duplicate=False))):
        return False
    return all(_is_supported(layer) for layer in net)


def _is_supported(layer: nn.Module) -> bool:
    if type(layer) not in _SUPPORTED or _is_hooked(layer):
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


def _fuse_layer(layers_of_members: list[nn.Module]) -> nn.Module:
    """Fuse the same layer of all members."""
    match layers_of_members[0]:
        case nn.Conv2d():
            return FusedConv2d(
                [layer for layer in layers_of_members if isinstance(layer, nn.Conv2d)]
            )
        case nn.Linear():
            return FusedLinear(
                [layer for layer in layers_of_members if isinstance(layer, nn.Linear)]
            )
        case nn.PReLU():
            return FusedPReLU([layer for layer in layers_of_members if isinstance(layer, nn.PReLU)])
        case plain:
            return plain


def _pool_first(layers: list[nn.Module]) -> list[nn.Module]:
    """Move max pooling before the preceding ReLU or PReLU, which then has a quarter of the work."""
    layers = list(layers)
    for position in range(len(layers) - 1):
        match layers[position : position + 2]:
            case nn.ReLU() as relu, nn.MaxPool2d() as pool:
                layers[position : position + 2] = pool, relu
            case FusedPReLU() as prelu, nn.MaxPool2d() as pool:
                layers[position : position + 2] = PooledPReLU(prelu, pool), nn.Identity()
    return layers
