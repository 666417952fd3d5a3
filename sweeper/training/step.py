"""One step of training, as a function of tensors that lie ready on their device."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sweeper.training.optimizer import MemberAdamW


class Step:
    """One step of an array on one batch per seed.

    Nothing here waits for the device, or depends on what a tensor holds: a CUDA graph that was
    captured of it gives for other tensors of the same shapes what it would give itself.

    Args:
        net: maps batches ``[R, B, ...]`` and seeds for random layers to features ``[M, B, d]``.
        criterion: maps features and labels ``[M, B]`` to losses ``[M]``.
        optimizers: of all that both learn.
        total: where the losses ``[M]`` of the steps are added up; tells device and precision.
        autocast: whether the net is run in bfloat16.
    """

    def __init__(
        self,
        net: nn.Module,
        criterion: nn.Module,
        optimizers: Sequence[MemberAdamW],
        total: Tensor,
        autocast: bool,
    ) -> None:
        self.net, self.criterion, self.optimizers = net, criterion, optimizers
        self.total, self.autocast = total, autocast

    def __call__(
        self,
        inputs: Tensor,
        labels: Tensor,
        factor: float | Tensor,
        draws: Sequence[int] | None = None,
    ) -> None:
        """Take the step.

        Args:
            inputs: what the nets take, ``[R, B, ...]``, one batch per seed.
            labels: of each member's samples, ``[M, B]``.
            factor: on the learning rates, a number or a tensor ``[]``.
            draws: R seeds for random layers such as dropout.
        """
        # Trained in half precision, measured in full: evaluation knows no autocast.
        with torch.autocast(self.total.device.type, torch.bfloat16, enabled=self.autocast):
            features = self.net(inputs, draws)
        losses = self.criterion(features.to(self.total.dtype), labels)
        losses.sum().backward()
        for optimizer in self.optimizers:
            optimizer.step(factor)
        self.total += losses.detach()

    def abandon(self) -> None:
        """Drop the gradients of a step that failed."""
        for optimizer in self.optimizers:
            optimizer.forget_gradients()
