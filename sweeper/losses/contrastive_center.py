"""Contrastive-center loss: distance to the own center relative to all other centers."""

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


def contrastive_center_loss(
    features: Tensor, labels: Tensor, centers: Tensor, delta: PerMember = 1.0
) -> Tensor:
    """Return ½ mean_i ‖x_i − c_{y_i}‖² / (Σ_{j≠y_i} ‖x_i − c_j‖² + δ).

    Qi and Su 2017, as given in La Grassa et al. 2020, equation 5, which sums over the batch.

    Args:
        features: x, ``[.., B, d]``; half precision is computed in float32.
        labels: y, ``[B]`` or ``[.., B]``, class numbers.
        centers: c, ``[.., C, d]``, in the units of the features.
        delta: δ, positive, in squared units of the features; a number or a tensor ``[..]``.

    Returns:
        The term ``[..]``, one number per member.

    Raises:
        ValueError: the shapes do not match, δ is out of range, or, on the CPU, a label is out of
            range.
    """
    features, labels, centers = align_with_centers(features, labels, centers)
    check_hyperparameter("delta", delta, centers.shape[:-2], positive=True)
    own_distance = squared_distances_to_centers(features, labels, centers)
    # Summed directly: subtracting the own distance from the total would lose precision.
    other_distances = (
        squared_distances(features, centers).scatter(-1, labels.unsqueeze(-1), 0.0).sum(-1)
    )
    return 0.5 * (own_distance / (other_distances + per_member(delta, features, 1))).mean(-1)


class ContrastiveCenterLoss(nn.Module):
    """`contrastive_center_loss` with its own centers, initialized from N(0, 1).

    If δ is a tensor ``[K]``, the module is an array of K members, each with its own centers.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        delta: δ, positive; a number or a tensor ``[K]``.
        members: K, if δ is a number; None for a single member.

    Attributes:
        centers: ``[C, d]``, or ``[K, C, d]`` for an array.

    Raises:
        ValueError: a size is too small, or δ is not positive.
    """

    delta: PerMember

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        delta: PerMember = 1.0,
        members: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        leading = register_hyperparameters(self, {"delta": delta}, members, positive=("delta",))
        self.centers = center_parameter(*leading, num_classes, embedding_size)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return contrastive_center_loss(features, labels, self.centers, self.delta)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({"delta": self.delta}, self.centers)
