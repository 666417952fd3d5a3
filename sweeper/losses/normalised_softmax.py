"""Normalised softmax: the softmax of scaled cosines, without a margin."""

from sweeper.losses.combined import CombinedMarginLoss
from sweeper.losses.hyperparameters import Hyperparameter


class NormalisedSoftmaxLoss(CombinedMarginLoss):
    """Cross-entropy of the logits ``s cos θ_j`` (Wang et al. 2017, NormFace).

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        scale: s, positive; a number or a tensor ``[K]``.

    Raises:
        ValueError: a size or the scale is out of range.
    """

    def __init__(self, num_classes: int, embedding_size: int, scale: Hyperparameter = 64.0) -> None:
        super().__init__(num_classes, embedding_size, scale=scale)
