"""Nets that cannot be fused: one member at a time, or under `vmap` on an accelerator."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap


class MemberByMember(nn.Module):
    """M nets of one shape that share their code and hold ``[M, ...]`` parameters and buffers.

    On the CPU they run one after another, since `vmap` over convolutions is slower there; elsewhere
    under `vmap`, and one after another where `vmap` cannot follow the net's code.
    """

    def __init__(self, nets: Sequence[nn.Module]) -> None:
        super().__init__()
        parameters, buffers = stack_module_state(list(nets))
        # A dot may not stand in a parameter's name; the skeleton's own names keep it.
        self.names = list(parameters)
        self.buffer_names = list(buffers)
        for index, value in enumerate(parameters.values()):
            self.register_parameter(f"parameter_{index}", nn.Parameter(value.detach()))
        for index, value in enumerate(buffers.values()):
            self.register_buffer(f"buffer_{index}", value.detach())
        self.members = len(nets)
        # In a tuple, so that it is no submodule: the skeleton holds no weights of its own.
        self.skeleton = (copy.deepcopy(nets[0]).to("meta"),)
        self.batched: bool | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Map R batches ``[R, B, ...]`` to features ``[M, B, embedding]``."""
        self.skeleton[0].train(self.training)
        x = x.repeat_interleave(self.members // len(x), dim=0)
        if self.batched is None:
            self.batched = x.device.type != "cpu" and self._vmap_works(x[:, :2])
        return self.run_batched(x) if self.batched else self.run_each(x)

    def run_each(self, x: Tensor) -> Tensor:
        """Run the members one after another on ``[M, B, ...]``."""
        state = self._state()
        return torch.stack(
            [
                functional_call(
                    self.skeleton[0], {name: value[m] for name, value in state.items()}, x[m]
                )
                for m in range(self.members)
            ]
        )

    def run_batched(self, x: Tensor) -> Tensor:
        """Run the members under `vmap` on ``[M, B, ...]``."""

        def run(state: dict[str, Tensor], batch: Tensor) -> Tensor:
            return functional_call(self.skeleton[0], state, batch)  # type: ignore[no-any-return]

        return vmap(run, randomness="different")(self._state(), x)

    def keep(self, members: Tensor) -> None:
        """Narrow the buffers to these members ``[M']``; the parameters were narrowed before."""
        self.members = len(members)
        for buffer in self.buffers():
            buffer.data = buffer.data[members]

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
