"""The options that every loss with margins passes on to `CombinedMarginLoss`."""

from typing import TypedDict

from sweeper.losses.per_member import PerMember


class MarginOptions(TypedDict, total=False):
    """Keyword arguments of `CombinedMarginLoss`, described there; usable together."""

    subcenters: int
    learn_scale: bool
    warmup_steps: PerMember
