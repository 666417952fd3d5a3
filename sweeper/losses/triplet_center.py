"""Triplet-center loss: nearer to the own center than to any other, by a margin."""

import math

from torch import Tensor, nn

from sweeper.losses.centers import center_parameter, fit_together, own_squared_distances
from sweeper.losses.init import check_sizes
from sweeper.losses.pairs import squared_distances
from sweeper.losses.per_member import PerMember, check_hyperparameter, hold, per_member
from sweeper.losses.repr import extra_repr


def triplet_center_loss(
    features: Tensor, labels: Tensor, centers: Tensor, margin: PerMember
) -> Tensor:
    """Return mean_i max(0, m + D(x_i, c_{y_i}) − min_{j≠y_i} D(x_i, c_j)), D = ½‖·‖².

    He et al. 2018, section 3.2, there a sum over the batch; La Grassa et al. 2020 cite it at their
    equation 6, which has samples in place of the centers, see `triplet_loss`.

    Args:
        features: x, ``[.., B, d]``; half precision is computed in float32.
        labels: y, ``[B]`` or ``[.., B]``, class numbers.
        centers: c, ``[.., C, d]``, in the units of the features. With one class the term is 0.
        margin: m, not negative, in squared units of the features; a number or a tensor ``[..]``.

    Returns:
        The term ``[..]``, one number a member, in squared units of the features.

    Raises:
        ValueError: the shapes do not fit, the margin is out of range, or, on the CPU, a label has
            no center.
    """
    features, labels, centers = fit_together(features, labels, centers)
    check_hyperparameter("margin", margin, centers.shape[:-2], not_negative=True)
    own = own_squared_distances(features, labels, centers)
    to_others = squared_distances(features, centers).scatter(-1, labels.unsqueeze(-1), math.inf)
    nearest = to_others.min(-1).values
    return (per_member(margin, features, 1) + 0.5 * (own - nearest)).relu().mean(-1)


class TripletCenterLoss(nn.Module):
    """`triplet_center_loss` with centers of its own, which start from N(0, 1).

    Given a tensor ``[K]`` as the margin it is an array of K members, each with its own centers.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        margin: m, not negative; a number or a tensor ``[K]``; the paper's 5.
        members: K where the margin is a number; None for a single member.

    Attributes:
        centers: ``[C, d]``, or ``[K, C, d]`` of an array.

    Raises:
        ValueError: a size is too small, or the margin negative.
    """

    margin: PerMember

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        margin: PerMember = 5.0,
        members: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        leading = hold(self, {"margin": margin}, members, not_negative=("margin",))
        self.centers = center_parameter(*leading, num_classes, embedding_size)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return triplet_center_loss(features, labels, self.centers, self.margin)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({"margin": self.margin}, self.centers)
