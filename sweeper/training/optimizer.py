"""AdamW with a learning rate and a weight decay for each member of an array."""

import copy
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


class MemberAdamW:
    """PyTorch's Adam over stacked parameters, with a rate and a decay of each member's own.

    Adam's direction does not depend on the learning rate, so PyTorch's own Adam computes it,
    at rate 1 and starting from zero, and each member scales it by its rate. Weight decay is
    decoupled (Loshchilov and Hutter 2019, algorithm 2), as in `torch.optim.AdamW`. A large layer is
    limited by how often the memory is read, so that no pass over it is made for nothing.

    Args:
        parameters: pairs of a tensor ``[m, ...]`` and the members ``[m]`` that it belongs to, in
            rising order.
        lr: learning rates ``[M]``.
        weight_decay: decays ``[M]``.
    """

    def __init__(
        self, parameters: Iterable[tuple[Tensor, Tensor]], lr: Tensor, weight_decay: Tensor
    ) -> None:
        self.parameters = list(parameters)
        self.lr, self.weight_decay = lr, weight_decay
        self.directions = [torch.zeros_like(parameter) for parameter, _ in self.parameters]
        # On a card it may be captured in a graph, which Adam allows only if told so.
        # A decay of 1 at a rate of 1 forgets the direction before, within the pass of the step.
        self.adam = torch.optim.AdamW(
            self.directions, lr=1.0, weight_decay=1.0, fused=True, capturable=lr.is_cuda
        )
        # Tensors that hold nothing (device "meta") cannot tell.
        self._decays = weight_decay.is_meta or bool(weight_decay.any())

    def step(self, factor: float | Tensor) -> None:
        """Take one step at `factor` times the learning rates, and forget the gradients.

        A parameter without a gradient, frozen or unused, stays as it is. Nothing waits for the
        device.

        Args:
            factor: a number, or a tensor ``[]``, which a captured step reads anew each time.
        """
        moving = []
        for (parameter, members), direction in zip(self.parameters, self.directions, strict=True):
            if parameter.grad is not None:
                # The fused kernel reads memory in order and does not look at strides.
                direction.grad = parameter.grad.contiguous()
                moving.append((parameter, members, direction))
        self.adam.step()
        rate = self.lr * factor
        kept = 1 - rate * self.weight_decay
        for parameter, members, direction in moving:
            shape = (-1,) + (1,) * (parameter.dim() - 1)
            moved = parameter.detach()
            if self._decays:
                moved.mul_(kept[members].view(shape))
            moved.addcmul_(direction, rate[members].view(shape))
        self.forget_gradients()

    def state_dict(self) -> dict[str, Any]:
        """Return the moments by the places of the parameters; they share this one's memory."""
        state: dict[str, Any] = self.adam.state_dict()["state"]
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with the moments of an optimizer of the same parameters."""
        # With options of its own: whether a graph is captured depends on the device.
        # Adam would train on in the very tensors that it is given.
        self.adam.load_state_dict({**self.adam.state_dict(), "state": copy.deepcopy(state)})

    def keep(self, kept: Tensor) -> None:
        """Drop all members but these ``[M']``, in rising order, from parameters and state."""
        self.lr, self.weight_decay = self.lr[kept], self.weight_decay[kept]
        for place, (parameter, members) in enumerate(self.parameters):
            local, members = narrowed(members, kept)
            direction = self.directions[place]
            state = self.adam.state[direction]
            for tensor in (parameter, direction, state.get("exp_avg"), state.get("exp_avg_sq")):
                if tensor is not None:
                    tensor.data = tensor.data[local]
            self.parameters[place] = (parameter, members)
        self.forget_gradients()

    def forget_gradients(self) -> None:
        """Drop all gradients; those of a captured step lie in memory that the next one reuses."""
        for (parameter, _), direction in zip(self.parameters, self.directions, strict=True):
            parameter.grad = direction.grad = None

    def forget(self) -> None:
        """Free the moments: a further step would start anew."""
        self.adam.state.clear()


def narrowed(members: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
    """Return which places of `members` are kept, and what those members are called afterwards."""
    local = torch.isin(members, kept).nonzero().flatten()
    return local, torch.searchsorted(kept, members[local])
