"""Git loss: the center loss plus a push away from the centers of other classes."""

from torch import Tensor, nn

from sweeper.losses.centers import align_with_centers, center_parameter, centers_of_samples
from sweeper.losses.init import check_sizes
from sweeper.losses.pairs import mean_where, same_class, squared_distances
from sweeper.losses.per_member import (
    PerMember,
    check_hyperparameter,
    per_member,
    register_hyperparameters,
)
from sweeper.losses.repr import extra_repr


def git_loss(
    features: Tensor,
    labels: Tensor,
    centers: Tensor,
    lambda_c: PerMember,
    lambda_g: PerMember,
) -> Tensor:
    """Return λ_c ½ mean_i ‖x_i − c_{y_i}‖² + λ_g mean_{y_i≠y_j} 1/(1 + ‖x_i − c_{y_j}‖²).

    Calefati et al. 2018, as given in La Grassa et al. 2020, equation 3, but with means in place of
    sums. There the second sum runs over all pairs i ≠ j, although the text speaks of different
    classes; here it is over different classes. Without such a pair only the first part remains.

    Args:
        features: x, ``[.., B, d]``; half precision is computed in float32.
        labels: y, ``[B]`` or ``[.., B]``, class numbers.
        centers: c, ``[.., C, d]``, in the units of the features.
        lambda_c: weight of the pull, not negative; a number or a tensor ``[..]``.
        lambda_g: weight of the push; likewise.

    Returns:
        The term ``[..]``, one number per member.

    Raises:
        ValueError: the shapes do not match, a number is out of range, or, on the CPU, a label is
            out of range.
    """
    features, labels, centers = align_with_centers(features, labels, centers)
    for name, value in (("lambda_c", lambda_c), ("lambda_g", lambda_g)):
        check_hyperparameter(name, value, centers.shape[:-2], not_negative=True)
    sample_centers = centers_of_samples(labels, centers)
    pull = 0.5 * (features - sample_centers).square().sum(-1).mean(-1)
    push = mean_where(
        ~same_class(labels), 1.0 / (1.0 + squared_distances(features, sample_centers))
    )
    return per_member(lambda_c, features, 0) * pull + per_member(lambda_g, features, 0) * push


class GitLoss(nn.Module):
    """`git_loss` with its own centers, initialized from N(0, 1).

    If a λ is a tensor ``[K]``, the module is an array of K members, each with its own centers.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        lambda_c: weight of the pull, not negative; a number or a tensor ``[K]``.
        lambda_g: weight of the push; likewise.
        members: K, if both λ are numbers; None for a single member.

    Attributes:
        centers: ``[C, d]``, or ``[K, C, d]`` for an array.

    Raises:
        ValueError: a size is too small, or a λ is negative.
    """

    lambda_c: PerMember
    lambda_g: PerMember

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        lambda_c: PerMember = 1.0,
        lambda_g: PerMember = 1.0,
        members: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        weights = {"lambda_c": lambda_c, "lambda_g": lambda_g}
        leading = register_hyperparameters(self, weights, members, not_negative=weights)
        self.centers = center_parameter(*leading, num_classes, embedding_size)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return git_loss(features, labels, self.centers, self.lambda_c, self.lambda_g)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({"lambda_c": self.lambda_c, "lambda_g": self.lambda_g}, self.centers)
