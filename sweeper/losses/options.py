"""The options that every margin loss passes to `CombinedMarginLoss`."""

from typing import TypedDict

from sweeper.losses.per_member import PerMember


class MarginOptions(TypedDict, total=False):
    """Keyword arguments of `CombinedMarginLoss`, described there; they can be combined."""

    subcenters: int
    learn_scale: bool
    warmup_steps: PerMember
