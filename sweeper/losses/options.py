"""The options that every loss with margins passes on to `CombinedMarginLoss`."""

from typing import TypedDict

from sweeper.losses.per_member import Hyperparameter


class MarginOptions(TypedDict, total=False):
    """Keyword arguments of `CombinedMarginLoss`, described there; usable together."""

    subcentres: int
    learn_scale: bool
    warmup_steps: Hyperparameter
