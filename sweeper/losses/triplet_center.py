"""Triplet-center loss: closer to the own center than to any other, by a margin."""

import math

from torch import Tensor, nn

from sweeper.losses.centers import (
    align_with_centers,
    center_parameter,
    squared_distances_to_centers,
)
from sweeper.losses.init import check_sizes
from sweeper.losses.pairs import squared_distances
from sweeper.losses.per_member import (
    PerMember,
    check_hyperparameter,
    per_member,
    register_hyperparameters,
)
from sweeper.losses.repr import extra_repr


def triplet_center_loss(
    features: Tensor, labels: Tensor, centers: Tensor, margin: PerMember
) -> Tensor:
    """Return mean_i max(0, m + D(x_i, c_{y_i}) − min_{j≠y_i} D(x_i, c_j)), D = ½‖·‖².

    He et al. 2018, section 3.2, which sums over the batch. La Grassa et al. 2020 cite it for their
    equation 6, which uses samples in place of centers, see `triplet_loss`.

    Args:
        features: x, ``[.., B, d]``; half precision is computed in float32.
        labels: y, ``[B]`` or ``[.., B]``, class numbers.
        centers: c, ``[.., C, d]``, in the units of the features; with one class the term is 0.
        margin: m, not negative, in squared units of the features; a number or a tensor ``[..]``.

    Returns:
        The term ``[..]``, one number per member, in squared units of the features.

    Raises:
        ValueError: the shapes do not match, the margin is out of range, or, on the CPU, a label is
            out of range.
    """
    features, labels, centers = align_with_centers(features, labels, centers)
    check_hyperparameter("margin", margin, centers.shape[:-2], not_negative=True)
    own_distance = squared_distances_to_centers(features, labels, centers)
    to_others = squared_distances(features, centers).scatter(-1, labels.unsqueeze(-1), math.inf)
    nearest = to_others.min(-1).values
    return (per_member(margin, features, 1) + 0.5 * (own_distance - nearest)).relu().mean(-1)


class TripletCenterLoss(nn.Module):
    """`triplet_center_loss` with its own centers, initialized from N(0, 1).

    If the margin is a tensor ``[K]``, the module is an array of K members, each with its own
    centers.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        margin: m, not negative; a number or a tensor ``[K]``; 5 in the paper.
        members: K, if the margin is a number; None for a single member.

    Attributes:
        centers: ``[C, d]``, or ``[K, C, d]`` for an array.

    Raises:
        ValueError: a size is too small, or the margin is negative.
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
        leading = register_hyperparameters(
            self, {"margin": margin}, members, not_negative=("margin",)
        )
        self.centers = center_parameter(*leading, num_classes, embedding_size)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return triplet_center_loss(features, labels, self.centers, self.margin)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({"margin": self.margin}, self.centers)
