"""Nearest-class-mean classification, for embeddings trained without a classifier."""

import torch
from torch import Tensor, nn

from sweeper.losses.cosine import unit_length
from sweeper.losses.pairs import squared_distances
from sweeper.losses.tensors import at_least_float32

#: Far below any other score, but finite: a score that is not finite counts as divergence.
_MISSING_CLASS_SCORE = -1e4


class NearestMean(nn.Module):
    """The classifier that evaluates nets trained on pairs or triplets; it is not a loss.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.

    Attributes:
        means: a buffer ``[C, d]``, the mean of each class's embeddings at unit length; NaN for a
            class without samples.
    """

    means: Tensor

    def __init__(self, num_classes: int, embedding_size: int) -> None:
        super().__init__()
        self.register_buffer("means", torch.zeros(num_classes, embedding_size))

    @torch.no_grad()
    def fit(self, features: Tensor, labels: Tensor) -> "NearestMean":
        """Compute the class means of training samples: features ``[N, d]``, labels ``[N]``."""
        classes = torch.arange(len(self.means), device=labels.device)
        unit = unit_length(at_least_float32(features))
        self.means.copy_(torch.stack([unit[labels == c].mean(0) for c in classes]))
        return self

    def logits(self, features: Tensor) -> Tensor:
        """Return `nearness` ``[B, C]`` of features ``[B, d]``; the largest wins."""
        return nearness(features, self.means)


def nearness(features: Tensor, means: Tensor) -> Tensor:
    """Return the negative squared distances of normalized features to class means.

    Args:
        features: ``[.., N, d]``, of any length; half precision is computed in float32.
        means: ``[.., C, d]``, NaN for a class without samples.

    Returns:
        ``[.., N, C]``, from -4 to 0; about `_MISSING_CLASS_SCORE` for a class without samples.
    """
    unit = unit_length(at_least_float32(features))
    absent = means.isnan().any(-1, keepdim=True)
    present = means.masked_fill(absent, 0.0).to(unit)
    # Added instead of filled in, so that features that are not finite stay so.
    return _MISSING_CLASS_SCORE * absent.mT - squared_distances(unit, present)
