"""σ²R loss: the center loss, weighted by how sparse the neighborhood of each sample is."""

from numbers import Integral

from torch import Tensor, nn

from sweeper.losses.centers import (
    align_with_centers,
    center_parameter,
    squared_distances_to_centers,
    values_of_samples,
)
from sweeper.losses.init import check_sizes
from sweeper.losses.pairs import EPSILON, off_diagonal, same_class, squared_distances
from sweeper.losses.per_member import (
    PerMember,
    check_hyperparameter,
    per_member,
    register_hyperparameters,
)
from sweeper.losses.repr import extra_repr
from sweeper.losses.tensors import check_leading

#: The smallest growth rate K, the paper's ε.
_LEAST_GROWTH = 1e-3


def sigma2r_loss(
    features: Tensor,
    labels: Tensor,
    centers: Tensor,
    growth: Tensor,
    n_neighbors: int = 7,
    z: PerMember = 40.0,
) -> Tensor:
    """Return mean_i β_i ‖x_i − c_{y_i}‖² (La Grassa et al. 2020, equations 8 to 10).

    β_i = Z / (1 + exp(−K_y (σ(n, x_i) − σ(n, c_y)))) with K_j = 1e-3 + Z / (1 + exp(−w_j)). σ(n, x)
    is the root mean squared distance from x to its n nearest neighbors of the same class in the
    batch, excluding itself; σ(n, c) that from the center to the n nearest samples of the class. A
    class with fewer samples uses all of them; a sample alone in its class has β_i = Z/2. Gradients
    flow through σ, with the choice of neighbors held fixed.

    Args:
        features: x, ``[.., B, d]``; half precision is computed in float32.
        labels: y, ``[B]`` or ``[.., B]``, class numbers.
        centers: c, ``[.., C, d]``, in the units of the features.
        growth: w, ``[.., C]``, of either sign.
        n_neighbors: n, at least 1, the same for all members.
        z: Z, positive; a number or a tensor ``[..]``, one value per member.

    Returns:
        The term ``[..]``, one number per member, in squared units of the features.

    Raises:
        ValueError: the shapes do not match, a number is out of range, or, on the CPU, a label is
            out of range.
    """
    features, labels, centers = align_with_centers(features, labels, centers)
    check_leading(growth.shape, centers.shape[:-1], "growth")
    _check_neighbors(n_neighbors)
    check_hyperparameter("z", z, centers.shape[:-2], positive=True)
    z = per_member(z, features, 1)
    center_distances = squared_distances_to_centers(features, labels, centers)
    same = same_class(labels)
    neighbors = same & off_diagonal(labels)
    around_sample = _sigma(squared_distances(features, features), neighbors, n_neighbors)
    around_center = _sigma(center_distances.unsqueeze(-2).expand(same.shape), same, n_neighbors)
    rates = growth.to(features).expand(centers.shape[:-1]).unsqueeze(-2)
    growth = values_of_samples(labels, rates).squeeze(-2)
    excess = (around_sample - around_center).where(neighbors.any(-1), 0.0)
    return (sigma2r_weight(excess, growth, z) * center_distances).mean(-1)


def sigma2r_weight(excess: Tensor, growth: Tensor, z: float | Tensor = 40.0) -> Tensor:
    """Return β = Z / (1 + exp(−K excess)) with K = 1e-3 + Z / (1 + exp(−w)), equations 8 and 9.

    Args:
        excess: σ(n, x) − σ(n, c), in the units of the features; any shape.
        growth: w; broadcasts to it.
        z: Z; likewise.
    """
    return z * ((_LEAST_GROWTH + z * growth.sigmoid()) * excess).sigmoid()


def _sigma(squared: Tensor, mask: Tensor, n: int) -> Tensor:
    """Return ``[.., B]``: the root mean of the n smallest masked entries in rows of ``[.., B, B]``.

    √ε for a row without masked entries.
    """
    candidates = squared.detach().masked_fill(~mask, float("inf"))
    nearest = candidates.topk(min(n, candidates.shape[-1]), largest=False).indices
    valid = mask.gather(-1, nearest)
    total = squared.gather(-1, nearest).where(valid, 0.0).sum(-1)
    return (total / valid.sum(-1).clamp(min=1) + EPSILON).sqrt()


def _check_neighbors(n_neighbors: int) -> None:
    if not isinstance(n_neighbors, Integral) or n_neighbors < 1:
        raise ValueError(f"n_neighbors must be a positive integer, got {n_neighbors}")


class Sigma2RLoss(nn.Module):
    """`sigma2r_loss` with its own centers and growth rates, initialized from N(0, 1).

    If Z is a tensor ``[K]``, the module is an array of K members, each with its own centers and
    rates.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        n_neighbors: n, at least 1, the same for all members; 7 in the paper.
        z: Z, positive; a number or a tensor ``[K]``; 40 in the paper.
        members: K, if Z is a number; None for a single member.

    Attributes:
        centers: ``[C, d]``, or ``[K, C, d]`` for an array.
        growth: w, ``[C]`` or ``[K, C]``.

    Raises:
        ValueError: a size is too small, or a hyperparameter is out of range.
    """

    z: PerMember

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        n_neighbors: int = 7,
        z: PerMember = 40.0,
        members: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        _check_neighbors(n_neighbors)
        leading = register_hyperparameters(self, {"z": z}, members, positive=("z",))
        self.n_neighbors = n_neighbors
        self.centers = center_parameter(*leading, num_classes, embedding_size)
        self.growth = center_parameter(*leading, num_classes)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return sigma2r_loss(features, labels, self.centers, self.growth, self.n_neighbors, self.z)

    def class_values(self) -> dict[str, Tensor]:
        """Return what is recorded of each class after an epoch: the growth w, ``[.., C]``."""
        return {"growth": self.growth}

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({"n_neighbors": self.n_neighbors, "z": self.z}, self.centers)
