"""Nets that cannot be fused: members run one after another, or under `vmap` on an accelerator."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from sweeper.errors import SweeperError
from sweeper.models.layers import channels_last


class MemberByMember(nn.Module):
    """M nets of one architecture with ``[M, ...]`` parameters and buffers.

    On the CPU members run one after another, since `vmap` over convolutions is slower there.
    Elsewhere they run under `vmap`, unless `vmap` does not support the net's code.

    The nets may be of different classes, as where a builder defines its class anew each time: the
    code of the first is run for all.

    Raises:
        SweeperError: the nets differ in the names or shapes of their tensors.
    """

    def __init__(self, nets: Sequence[nn.Module]) -> None:
        super().__init__()
        # A tensor that a net holds twice has one name here and is restored in both places.
        parameters = _stacked([dict(net.named_parameters()) for net in nets])
        buffers = _stacked([dict(net.named_buffers()) for net in nets])
        # A parameter's name must not contain a dot; the skeleton's names keep theirs.
        self.names = list(parameters)
        self.buffer_names = list(buffers)
        for index, (name, value) in enumerate(parameters.items()):
            frozen = not nets[0].get_parameter(name).requires_grad
            self.register_parameter(f"parameter_{index}", nn.Parameter(value, not frozen))
        for index, value in enumerate(buffers.values()):
            self.register_buffer(f"buffer_{index}", value)
        self.members = len(nets)
        # In a tuple, so that it is not a submodule: the skeleton has no weights of its own.
        self.skeleton = (_without_weights(nets[0]),)
        names = {id(tensor): name for name, tensor in _tensors(self.skeleton[0]).items()}
        #: The name here of the tensor in each place of the skeleton. A module that the net holds
        #: twice is one place: filled a second time, it would be emptied into what was filled in
        #: first.
        self.places = {
            f"{module_name}.{name}".removeprefix("."): names[id(tensor)]
            for module_name, module in self.skeleton[0].named_modules()
            for name, tensor in _tensors(module, recurse=False).items()
        }
        self.batched: bool | None = None

    def forward(self, x: Tensor, draws: Sequence[int] | None = None) -> Tensor:
        """Map R batches ``[R, B, ...]`` to features ``[M, B, embedding]``.

        Args:
            x: the batches; members ``r * M / R`` to ``(r + 1) * M / R - 1`` receive batch r.
            draws: R seeds for random layers such as dropout. Run one after another, a member draws
                the same numbers as a single net; under `vmap` other numbers, but reproducible ones.
        """
        self.skeleton[0].train(self.training)
        members_per_batch = self.members // len(x)
        x = x.repeat_interleave(members_per_batch, dim=0)
        if self.batched is None:
            self.batched = x.device.type != "cpu" and self._vmap_works(x[:, :2])
        if draws is None:
            return self.run_batched(x) if self.batched else self.run_each(x)
        with torch.random.fork_rng([x.device] if x.is_cuda else []):
            if self.batched:
                torch.manual_seed(draws[0])
                return self.run_batched(x)
            return self.run_each(x, [draw for draw in draws for _ in range(members_per_batch)])

    def run_each(self, x: Tensor, draws: Sequence[int] | None = None) -> Tensor:
        """Run the members one after another on ``[M, B, ...]``, each from its seed in `draws`."""
        # One unbind for all: indexing member by member would allocate a full-size gradient each
        # time.
        unbound = {name: value.unbind() for name, value in self._state().items()}
        features = []
        for m in range(self.members):
            if draws is not None:
                torch.manual_seed(draws[m])
            state = {name: values[m] for name, values in unbound.items()}
            batch = channels_last(x[m]) if x.dim() == 5 else x[m]
            features.append(self._call(state, batch))
        return torch.stack(features)

    def run_batched(self, x: Tensor) -> Tensor:
        """Run the members under `vmap` on ``[M, B, ...]``."""

        def run(state: dict[str, Tensor], batch: Tensor) -> Tensor:
            return self._call(state, batch)

        return vmap(run, randomness="different")(self._state(), x)

    def keep(self, members: Tensor) -> None:
        """Keep only these members ``[M']``; the caller has already narrowed the parameters."""
        self.members = len(members)
        for buffer in self.buffers():
            buffer.data = buffer.data[members]

    def member_state(self, m: int) -> dict[str, Any]:
        """Return a copy of member m's weights, as the state dict of a single net.

        A tensor that the net holds twice appears under both names; non-persistent buffers are
        omitted. What a module's ``get_extra_state`` gives, with the tensors of this member, is of
        any type; what it has beside tensors is the same for all members.
        """
        member = {name: value[m].detach().clone() for name, value in self._state().items()}
        placed = {f"net.{place}": tensor for place, tensor in self._placed(member).items()}
        state: dict[str, Any] = functional_call(
            _StateDict(self.skeleton[0]), placed, (), tie_weights=False
        )
        return dict(state)

    def _call(self, state: dict[str, Tensor], batch: Tensor) -> Tensor:
        """Run the skeleton with the tensors of one member."""
        placed = self._placed(state)
        features: Tensor = functional_call(self.skeleton[0], placed, batch, tie_weights=False)
        return features

    def _placed(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the tensors of one member by their places in the skeleton."""
        return {place: state[name] for place, name in self.places.items()}

    def _state(self) -> dict[str, Tensor]:
        return {
            **dict(zip(self.names, self.parameters(), strict=True)),
            **dict(zip(self.buffer_names, self.buffers(), strict=True)),
        }

    def _vmap_works(self, x: Tensor) -> bool:
        before = [buffer.clone() for buffer in self.buffers()]
        try:
            with torch.no_grad():
                self.run_batched(x)
        except RuntimeError:
            return False
        finally:
            for buffer, value in zip(self.buffers(), before, strict=True):
                buffer.copy_(value)
        return True


class _StateDict(nn.Module):
    """Gives a net's state dict in place of its features."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self) -> dict[str, Any]:
        return self.net.state_dict()


def _without_weights(net: nn.Module) -> nn.Module:
    """Return a copy of a net with tensors on the meta device; shared tensors stay shared."""
    memo: dict[int, object] = {}
    for parameter in net.parameters():
        empty = nn.Parameter(parameter.detach().to("meta"), parameter.requires_grad)
        memo[id(parameter)] = empty
    memo |= {id(buffer): buffer.to("meta") for buffer in net.buffers()}
    return copy.deepcopy(net, memo)


def _tensors(net: nn.Module, recurse: bool = True) -> dict[str, Tensor]:
    """Return parameters and buffers, each under one name; a module's own in each place."""
    return {
        **dict(net.named_parameters(recurse=recurse, remove_duplicate=recurse)),
        **dict(net.named_buffers(recurse=recurse, remove_duplicate=recurse)),
    }


def _stacked(tensors: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the tensors of all nets as ``[M, ...]`` by name."""
    first = {name: tensor.shape for name, tensor in tensors[0].items()}
    for other in tensors[1:]:
        if {name: tensor.shape for name, tensor in other.items()} != first:
            raise SweeperError(
                "the nets of two seeds differ in the names or shapes of their tensors; the "
                "function that builds them must build the same net each time"
            )
    return {name: torch.stack([each[name].detach() for each in tensors]) for name in first}
