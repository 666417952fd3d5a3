"""Soft nearest neighbor loss: the nearest samples in a batch should be of the same class."""

import math

from torch import Tensor, nn

from sweeper.losses.pairs import (
    embeddings,
    mean_where,
    off_diagonal,
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


def soft_nearest_neighbor_loss(
    features: Tensor, labels: Tensor, temperature: PerMember = 1.0
) -> Tensor:
    """Return −mean_i log(Σ_{j≠i, y_j=y_i} e^{−‖x_i−x_j‖²/T} / Σ_{k≠i} e^{−‖x_i−x_k‖²/T}).

    Frosst et al. 2019, equation 1, minimized here, which pulls each class together; the paper also
    maximizes it in hidden layers. A sample alone in its class is dropped from the mean but stays in
    the denominators of the others. Without any same-class pair the term is 0.

    Args:
        features: x, ``[.., B, d]``; half precision is computed in float32.
        labels: y, ``[B]`` or ``[.., B]``, class numbers.
        temperature: T, positive, in squared units of the features; a number or a tensor ``[..]``.

    Returns:
        The term ``[..]``, one number per member.

    Raises:
        ValueError: the shapes do not match, or the temperature is out of range.
    """
    features, labels = embeddings(features, labels)
    check_hyperparameter("temperature", temperature, features.shape[:-2], positive=True)
    closeness = -squared_distances(features, features) / per_member(temperature, features, 2)
    others = off_diagonal(labels)
    positives = same_class(labels) & others
    has_positive = positives.any(-1)
    # A row of only −∞ has no gradient, so rows to be dropped keep all their entries.
    dropped = ~has_positive.unsqueeze(-1)
    among_positives = closeness.masked_fill(~(positives | dropped), -math.inf).logsumexp(-1)
    among_others = closeness.masked_fill(~(others | dropped), -math.inf).logsumexp(-1)
    return mean_where(has_positive, among_others - among_positives, axes=1)


class SoftNearestNeighborLoss(nn.Module):
    """`soft_nearest_neighbor_loss` as a module; it has no parameters.

    Args:
        temperature: T, positive; a number, or a tensor ``[K]`` for an array of K members.

    Raises:
        ValueError: the temperature is out of range.
    """

    temperature: PerMember

    def __init__(self, temperature: PerMember = 1.0) -> None:
        super().__init__()
        register_hyperparameters(self, {"temperature": temperature}, positive=("temperature",))

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return soft_nearest_neighbor_loss(features, labels, self.temperature)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({"temperature": self.temperature})
