"""A warm-up of margins: they rise from none to full over the first steps of training."""

import torch
from torch import Tensor

from sweeper.losses.per_member import PerMember


def has_warmup(warmup_steps: PerMember) -> bool:
    """Return whether there is a warm-up, of any member; looks at a tensor's values."""
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
    """Return the margins at a step: 1 + p (m1 - 1), p m2 and p m3, with p = min(1, t / steps).

    Full margins can keep a net from training at all at the start; without any it starts as
    normalized softmax. Both ends are exact, so that after the warm-up the margins are those given.

    Args:
        step: t, from 0, a tensor ``[]``; is not brought to the CPU, since that would wait.
        warmup_steps: over how many steps, 0 for none; a number or a tensor ``[K]``, like the
            margins.
        m1: factor of the angle.
        m2: added to the angle, in radians.
        m3: taken from the cosine.
        dtype: the precision to count in.

    Returns:
        Three tensors, ``[]`` or ``[K]``.
    """
    t = step.to(dtype)
    if isinstance(warmup_steps, Tensor):
        warmup_steps = warmup_steps.to(dtype)
        share = torch.where(warmup_steps > 0, t / warmup_steps, 1.0)  # 0 / 0 is no number
    else:
        share = t / warmup_steps if warmup_steps > 0 else torch.ones_like(t)

    def risen(start: float, margin: PerMember) -> Tensor:
        if isinstance(margin, Tensor):
            margin = margin.to(dtype)
        return torch.where(share < 1, start + share * (margin - start), margin)

    return risen(1.0, m1), risen(0.0, m2), risen(0.0, m3)
