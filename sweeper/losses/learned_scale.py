"""A scale that is a hyperparameter, or learned through its logarithm."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from sweeper.losses.per_member import PerMember
from sweeper.losses.tensors import at_least_float32


class WithScale(nn.Module):
    """A module with a `scale`, held as it was given until `learn_scale` makes a parameter of it.

    Wang et al. 2017 (NormFace) learn s. Here, as in Radford et al. 2021 (CLIP, section 2.5), it is
    its logarithm that is learned, so that s stays positive and one learning rate fits any s.

    Attributes:
        scale: a number or a buffer ``[K]``; if learned exp(log_scale), ``[]`` or ``[K]``, with a
            gradient.
        log_scale: only if learned, the parameter ``[]`` or ``[K]``. A weight decay pulls s to 1.
    """

    scale: PerMember
    log_scale: nn.Parameter

    def learn_scale(self) -> None:
        """Learn the scale from here on, starting from what it is."""
        start = self.scale
        del self.scale
        # A number is taken at full precision before its logarithm is rounded to the parameter's.
        log = start.log() if isinstance(start, Tensor) else torch.tensor(math.log(start))
        self.log_scale = nn.Parameter(log)

    def __getattr__(self, name: str) -> Any:
        # Only asked for what is not there otherwise: not for a scale that is held.
        if name == "scale" and "log_scale" in self.__dict__.get("_parameters", {}):
            return at_least_float32(self.log_scale).exp()
        return super().__getattr__(name)
