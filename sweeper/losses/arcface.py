"""ArcFace: an additive angular margin."""

from typing import Unpack

from sweeper.losses.combined import CombinedMarginLoss
from sweeper.losses.options import MarginOptions
from sweeper.losses.per_member import PerMember


class ArcFaceLoss(CombinedMarginLoss):
    """Cross-entropy with the target logit ``s cos(θ + m)`` (Deng et al. 2019, equation 3).

    Beyond θ + m = π the cosine is extended so that it keeps decreasing, see
    `combined_margin_logits`.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        margin: m in radians (the paper's 0.5 is 28.6°), may be negative; a number or a tensor
            ``[K]``.
        scale: s, positive; likewise.
        options: `subcenters`, `learn_scale` and `warmup_steps`, see `CombinedMarginLoss`.

    Raises:
        ValueError: a size, the margin, the scale or an option is out of range.
    """

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        margin: PerMember = 0.5,
        scale: PerMember = 64.0,
        **options: Unpack[MarginOptions],
    ) -> None:
        super().__init__(num_classes, embedding_size, m2=margin, scale=scale, **options)
