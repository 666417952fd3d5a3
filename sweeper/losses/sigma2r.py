"""σ²R loss: the center loss, weighted by how thinly the neighborhood of a sample is filled."""

from numbers import Integral

from torch import Tensor, nn

from sweeper.losses.centers import (
    center_parameter,
    fit_together,
    own_squared_distances,
    own_values,
)
from sweeper.losses.init import check_sizes
from sweeper.losses.pairs import EPSILON, not_itself, same_class, squared_distances
from sweeper.losses.per_member import PerMember, check_hyperparameter, hold, per_member
from sweeper.losses.repr import extra_repr
from sweeper.losses.tensors import check_leading

#: The least growth rate K, the paper's ε.
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
    is the root of the mean squared distance from x to its n nearest neighbors of its class in the
    batch, itself left out; σ(n, c) that from the center to the n nearest of all members. A class
    with fewer uses those it has, and with no other sample β_i = Z/2. The gradient flows through σ,
    the choice of neighbors held fixed.

    Args:
        features: x, ``[.., B, d]``; half precision is computed in float32.
        labels: y, ``[B]`` or ``[.., B]``, class numbers.
        centers: c, ``[.., C, d]``, in the units of the features.
        growth: w, ``[.., C]``, of any sign.
        n_neighbors: n, at least 1, shared by all members.
        z: Z, positive; a number or a tensor ``[..]``, one value a member.

    Returns:
        The term ``[..]``, one number a member, in squared units of the features.

    Raises:
        ValueError: the shapes do not fit, a number is out of range, or, on the CPU, a label has no
            center.
    """
    features, labels, centers = fit_together(features, labels, centers)
    check_leading(growth.shape, centers.shape[:-1], "growth")
    _check_neighbors(n_neighbors)
    check_hyperparameter("z", z, centers.shape[:-2], positive=True)
    z = per_member(z, features, 1)
    own = own_squared_distances(features, labels, centers)
    members = same_class(labels)
    others = members & not_itself(labels)
    around_sample = _sigma(squared_distances(features, features), others, n_neighbors)
    around_center = _sigma(own.unsqueeze(-2).expand(members.shape), members, n_neighbors)
    rates = growth.to(features).expand(centers.shape[:-1]).unsqueeze(-2)
    rate = _LEAST_GROWTH + z * own_values(labels, rates).squeeze(-2).sigmoid()
    excess = (around_sample - around_center).where(others.any(-1), 0.0)
    return (z * (rate * excess).sigmoid() * own).mean(-1)


def _sigma(squared: Tensor, mask: Tensor, n: int) -> Tensor:
    """Return ``[.., B]``: the root mean of the n smallest of ``[.., B, B]`` where the mask holds.

    Of a row where it holds nowhere, √ε.
    """
    far = squared.detach().masked_fill(~mask, float("inf"))
    nearest = far.topk(min(n, far.shape[-1]), largest=False).indices
    there = mask.gather(-1, nearest)
    total = squared.gather(-1, nearest).where(there, 0.0).sum(-1)
    return (total / there.sum(-1).clamp(min=1) + EPSILON).sqrt()


def _check_neighbors(n_neighbors: int) -> None:
    if not isinstance(n_neighbors, Integral) or n_neighbors < 1:
        raise ValueError(f"n_neighbors must be a whole number from 1, got {n_neighbors}")


class Sigma2RLoss(nn.Module):
    """`sigma2r_loss` with centers and growth rates of its own, which start from N(0, 1).

    Given a tensor ``[K]`` as Z it is an array of K members, each with its own centers and rates.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        n_neighbors: n, at least 1, shared by an array; the paper's 7.
        z: Z, positive; a number or a tensor ``[K]``; the paper's 40.
        members: K where Z is a number; None for a single member.

    Attributes:
        centers: ``[C, d]``, or ``[K, C, d]`` of an array.
        growth: w, ``[C]`` or ``[K, C]``.

    Raises:
        ValueError: a size is too small, or a hyperparameter out of range.
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
        leading = hold(self, {"z": z}, members, positive=("z",))
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
