"""Classification by the nearest class mean, for embeddings that have no classifier."""

import torch
from torch import Tensor, nn

from sweeper.losses.cosine import unit_length
from sweeper.losses.pairs import squared_distances
from sweeper.losses.tensors import at_least_float32

#: Far beyond any distance, and yet finite: what is not finite counts as a net that diverged.
_NEVER = -1e4


class NearestMean(nn.Module):
    """What a net trained on pairs or triplets is classified with. It is no loss: it only measures.

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
        """Take the class means of training samples: features ``[N, d]``, labels ``[N]``."""
        classes = torch.arange(len(self.means), device=labels.device)
        unit = unit_length(at_least_float32(features))
        self.means.copy_(torch.stack([unit[labels == c].mean(0) for c in classes]))
        return self

    def logits(self, features: Tensor) -> Tensor:
        """Return `nearness` ``[B, C]`` of features ``[B, d]``; the largest is the class."""
        return nearness(features, self.means)


def nearness(features: Tensor, means: Tensor) -> Tensor:
    """Return minus the squared distances of features at unit length to class means.

    Args:
        features: ``[.., N, d]``, of any length; half precision is computed in float32.
        means: ``[.., C, d]``, NaN for a class without samples.

    Returns:
        From -4 to 0, ``[.., N, C]``; for a class without samples about `_NEVER`.
    """
    unit = unit_length(at_least_float32(features))
    absent = means.isnan().any(-1, keepdim=True)
    present = means.masked_fill(absent, 0.0).to(unit)
    # Added, not filled in: features that are not finite stay so.
    return _NEVER * absent.mT - squared_distances(unit, present)
