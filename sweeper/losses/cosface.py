"""CosFace: an additive cosine margin."""

from typing import Unpack

from sweeper.losses.combined import CombinedMarginLoss
from sweeper.losses.options import MarginOptions
from sweeper.losses.per_member import PerMember


class CosFaceLoss(CombinedMarginLoss):
    """Cross-entropy with the target logit ``s (cos θ - m)`` (Wang et al. 2018, equation 4).

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        margin: m, may be negative; a number or a tensor ``[K]``.
        scale: s, positive; likewise.
        options: `subcenters`, `learn_scale` and `warmup_steps`, see `CombinedMarginLoss`.

    Raises:
        ValueError: a size, the margin, the scale or an option is out of range.
    """

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        margin: PerMember = 0.35,
        scale: PerMember = 64.0,
        **options: Unpack[MarginOptions],
    ) -> None:
        super().__init__(num_classes, embedding_size, m3=margin, scale=scale, **options)
