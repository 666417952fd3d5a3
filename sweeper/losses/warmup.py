"""Margin warm-up: margins rise from none to full over the first training steps."""

import torch
from torch import Tensor

from sweeper.losses.per_member import PerMember


def has_warmup(warmup_steps: PerMember) -> bool:
    """Return True if any member has a warm-up; reads a tensor's values."""
    if isinstance(warmup_steps, Tensor):
        return bool((warmup_steps > 0).any())
    return warmup_steps > 0


def warmed_up(
    step: Tensor,
    warmup_steps: PerMember,
    m1: PerMember,
    m2: PerMember,
    m3: PerMember,
    dtype: torch.dtype,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the margins 1 + p (m1 - 1), p m2 and p m3 at a step, with p = min(1, t / steps).

    Full margins from the start can keep a net from training at all; the warm-up starts as
    normalized softmax. Both ends are exact, so that after the warm-up the margins are those given.

    Args:
        step: t, from 0, a tensor ``[]``; never copied to the CPU, which would wait for the GPU.
        warmup_steps: number of steps, 0 for no warm-up; a number or a tensor ``[K]``, like the
            margins.
        m1: factor of the angle.
        m2: added to the angle, in radians.
        m3: subtracted from the cosine.
        dtype: the precision to compute in.

    Returns:
        Three tensors, ``[]`` or ``[K]``.
    """
    t = step.to(dtype)
    if isinstance(warmup_steps, Tensor):
        warmup_steps = warmup_steps.to(dtype)
        progress = torch.where(warmup_steps > 0, t / warmup_steps, 1.0)  # not 0 / 0, a NaN
    else:
        progress = t / warmup_steps if warmup_steps > 0 else torch.ones_like(t)

    def interpolated(start: float, margin: PerMember) -> Tensor:
        if isinstance(margin, Tensor):
            margin = margin.to(dtype)
        return torch.where(progress < 1, start + progress * (margin - start), margin)

    return interpolated(1.0, m1), interpolated(0.0, m2), interpolated(0.0, m3)
