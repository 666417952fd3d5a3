"""A scale that is either fixed or learned through its logarithm."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from sweeper.losses.per_member import PerMember
from sweeper.losses.tensors import at_least_float32


class WithScale(nn.Module):
    """A module with a `scale`, fixed until `learn_scale` turns it into a parameter.

    Wang et al. 2017 (NormFace) learn s. Here, as in Radford et al. 2021 (CLIP, section 2.5), log s
    is learned, so that s stays positive and one learning rate suits any s.

    Attributes:
        scale: a number or a buffer ``[K]``; if learned, exp(log_scale), ``[]`` or ``[K]``, with a
            gradient.
        log_scale: if learned, the parameter ``[]`` or ``[K]``. Weight decay would pull s to 1.
    """

    scale: PerMember
    log_scale: nn.Parameter

    def learn_scale(self) -> None:
        """Make the scale a parameter, starting from its current value."""
        start = self.scale
        del self.scale
        # The logarithm of a number is taken in full precision, and only then rounded.
        log = start.log() if isinstance(start, Tensor) else torch.tensor(math.log(start))
        self.log_scale = nn.Parameter(log)

    def __getattr__(self, name: str) -> Any:
        # Python calls this only for missing attributes, so not for a fixed scale.
        if name == "scale" and "log_scale" in self.__dict__.get("_parameters", {}):
            return at_least_float32(self.log_scale).exp()
        return super().__getattr__(name)
