"""Center loss: pulls every embedding to the learned center of its class."""

from torch import Tensor, nn

from sweeper.losses.centers import center_parameter, fit_together, own_squared_distances
from sweeper.losses.init import check_sizes
from sweeper.losses.per_member import hold
from sweeper.losses.repr import extra_repr


def center_loss(features: Tensor, labels: Tensor, centers: Tensor) -> Tensor:
    """Return ½ mean_i ‖x_i − c_{y_i}‖² (Wen et al. 2016, equation 2, there a sum over the batch).

    The centers are learned by their gradient, not by the paper's rule of moving averages.

    Args:
        features: x, ``[.., B, d]``; half precision is computed in float32.
        labels: y, ``[B]`` or ``[.., B]``, class numbers.
        centers: c, ``[.., C, d]``, in the units of the features.

    Returns:
        The term ``[..]``, one number a member, in squared units of the features.

    Raises:
        ValueError: the shapes do not fit, or, on the CPU, a label has no center.
    """
    features, labels, centers = fit_together(features, labels, centers)
    return 0.5 * own_squared_distances(features, labels, centers).mean(-1)


class CenterLoss(nn.Module):
    """`center_loss` with centers of its own, which start from N(0, 1).

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        members: K for an array of K members; None for a single one.

    Attributes:
        centers: ``[C, d]``, or ``[K, C, d]`` of an array.

    Raises:
        ValueError: a size is too small.
    """

    def __init__(self, num_classes: int, embedding_size: int, members: int | None = None) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        leading = hold(self, {}, members)
        self.centers = center_parameter(*leading, num_classes, embedding_size)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return center_loss(features, labels, self.centers)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({}, self.centers)
