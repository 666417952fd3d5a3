"""SphereFace on normalized features: a multiplicative angular margin."""

from typing import Unpack

from sweeper.losses.combined import CombinedMarginLoss
from sweeper.losses.options import MarginOptions
from sweeper.losses.per_member import PerMember


class SphereFaceLoss(CombinedMarginLoss):
    """Cross-entropy with the target logit ``s ψ(m θ)`` (Liu et al. 2017, equation 7).

    The paper uses the feature norm in place of s, and integer m. Here the features are normalized
    and ψ is extended to any m > 0, see `combined_margin_logits`.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        margin: m, positive, 1 for none; a number or a tensor ``[K]``.
        scale: s, positive; likewise.
        options: `subcenters`, `learn_scale` and `warmup_steps`, see `CombinedMarginLoss`.

    Raises:
        ValueError: a size, the margin, the scale or an option is out of range.
    """

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        margin: PerMember = 1.35,
        scale: PerMember = 64.0,
        **options: Unpack[MarginOptions],
    ) -> None:
        super().__init__(num_classes, embedding_size, m1=margin, scale=scale, **options)
