"""Normalized softmax: the softmax of scaled cosines, without a margin."""

from sweeper.losses.combined import CombinedMarginLoss
from sweeper.losses.per_member import PerMember


class NormalizedSoftmaxLoss(CombinedMarginLoss):
    """Cross-entropy of the logits ``s cos θ_j`` (Wang et al. 2017, NormFace).

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        scale: s, positive; a number or a tensor ``[K]``.
        subcenters: S, the number of weights per class, see `CombinedMarginLoss`.
        learn_scale: whether to learn s, starting from `scale`, like NormFace (here log s).

    Raises:
        ValueError: a size or the scale is out of range.
    """

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        scale: PerMember = 64.0,
        *,
        subcenters: int = 1,
        learn_scale: bool = False,
    ) -> None:
        super().__init__(
            num_classes,
            embedding_size,
            scale=scale,
            subcenters=subcenters,
            learn_scale=learn_scale,
        )
