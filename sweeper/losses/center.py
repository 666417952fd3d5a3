"""Center loss: pulls every embedding toward the learned center of its class."""

from torch import Tensor, nn

from sweeper.losses.centers import (
    align_with_centers,
    center_parameter,
    squared_distances_to_centers,
)
from sweeper.losses.init import check_sizes
from sweeper.losses.per_member import register_hyperparameters
from sweeper.losses.repr import extra_repr


def center_loss(features: Tensor, labels: Tensor, centers: Tensor) -> Tensor:
    """Return ½ mean_i ‖x_i − c_{y_i}‖² (Wen et al. 2016, equation 2, which sums over the batch).

    The centers are learned by gradient descent, not by the paper's moving-average update.

    Args:
        features: x, ``[.., B, d]``; half precision is computed in float32.
        labels: y, ``[B]`` or ``[.., B]``, class numbers.
        centers: c, ``[.., C, d]``, in the units of the features.

    Returns:
        The term ``[..]``, one number per member, in squared units of the features.

    Raises:
        ValueError: the shapes do not match, or, on the CPU, a label is out of range.
    """
    features, labels, centers = align_with_centers(features, labels, centers)
    return 0.5 * squared_distances_to_centers(features, labels, centers).mean(-1)


class CenterLoss(nn.Module):
    """`center_loss` with its own centers, initialized from N(0, 1).

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        members: K for an array of K members; None for a single member.

    Attributes:
        centers: ``[C, d]``, or ``[K, C, d]`` for an array.

    Raises:
        ValueError: a size is too small.
    """

    def __init__(self, num_classes: int, embedding_size: int, members: int | None = None) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        leading = register_hyperparameters(self, {}, members)
        self.centers = center_parameter(*leading, num_classes, embedding_size)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return center_loss(features, labels, self.centers)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({}, self.centers)
