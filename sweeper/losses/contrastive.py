"""Contrastive loss: pulls same-class pairs together, pushes other pairs apart up to a margin."""

from torch import Tensor, nn

from sweeper.losses.cosine import unit_length
from sweeper.losses.pairs import (
    EPSILON,
    embeddings,
    mean_where,
    same_class,
    squared_distances,
)
from sweeper.losses.per_member import (
    PerMember,
    check_hyperparameter,
    per_member,
    register_hyperparameters,
)
from sweeper.losses.repr import extra_repr


def contrastive_loss(features: Tensor, labels: Tensor, margin: PerMember) -> Tensor:
    """Return the mean over pairs i < j of d (same class) or max(0, m − d) (different classes).

    d is the distance between normalized embeddings, as in La Grassa et al. 2020, equation 7.
    Hadsell et al. 2006, equation 4, square and halve both parts and do not normalize. Without pairs
    the term is 0.

    Args:
        features: ``[.., B, d]``, of any length; half precision is computed in float32.
        labels: ``[B]`` or ``[.., B]``, class numbers.
        margin: m, not negative (d is at most 2); a number or a tensor ``[..]``, one value per
            member.

    Returns:
        The term ``[..]``, one number per member.

    Raises:
        ValueError: the shapes do not match, or the margin is out of range.
    """
    features, labels = embeddings(features, labels)
    check_hyperparameter("margin", margin, features.shape[:-2], not_negative=True)
    unit = unit_length(features)
    distance = (squared_distances(unit, unit) + EPSILON).sqrt()
    same = same_class(labels)
    losses = distance.where(same, (per_member(margin, features, 2) - distance).relu())
    return mean_where(same.new_ones(same.shape).triu(1), losses)


class ContrastiveLoss(nn.Module):
    """`contrastive_loss` as a module; it has no parameters.

    Args:
        margin: m, not negative; a number, or a tensor ``[K]`` for an array of K members.

    Raises:
        ValueError: the margin is out of range.
    """

    margin: PerMember

    def __init__(self, margin: PerMember = 1.0) -> None:
        super().__init__()
        register_hyperparameters(self, {"margin": margin}, not_negative=("margin",))

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return contrastive_loss(features, labels, self.margin)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({"margin": self.margin})
