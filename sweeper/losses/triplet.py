"""Triplet loss: nearer to every sample of the own class than to one of another, by a margin."""

import math

import torch
from torch import Tensor, nn

from sweeper.losses.cosine import unit_length
from sweeper.losses.pairs import (
    embeddings,
    mean_where,
    not_itself,
    same_class,
    squared_distances,
)
from sweeper.losses.per_member import PerMember, check_hyperparameter, hold, per_member
from sweeper.losses.repr import extra_repr

#: Which negative a pair meets.
MINING = ("semi-hard", "hard")


def triplet_loss(
    features: Tensor, labels: Tensor, margin: PerMember, mining: str = "semi-hard"
) -> Tensor:
    """Return the mean over pairs (a, p) of one class of max(0, d(a, p) − d(a, n) + m).

    d is the squared distance of unit-length embeddings (Schroff et al. 2015, FaceNet, sections 3.1
    and 3.2), and n a sample of another class: with 'semi-hard' the nearest that is farther than p,
    and where none is, which the paper leaves open, the farthest; with 'hard' the nearest (La Grassa
    et al. 2020, equation 6). The mean is over all pairs whose anchor has a negative, those without
    loss included; without any it is 0. The choice of n is held fixed.

    Args:
        features: ``[.., B, d]``, of any length; half precision is computed in float32.
        labels: ``[B]`` or ``[.., B]``, class numbers.
        margin: m, not negative; d is at most 4; a number or a tensor ``[..]``, one value a member.
        mining: 'semi-hard' or 'hard', shared by all members.

    Returns:
        The term ``[..]``, one number a member.

    Raises:
        ValueError: the shapes do not fit, the margin is out of range, or the mining unknown.
    """
    features, labels = embeddings(features, labels)
    check_hyperparameter("margin", margin, features.shape[:-2], not_negative=True)
    _check_mining(mining)
    unit = unit_length(features)
    squared = squared_distances(unit, unit)
    same = same_class(labels)
    triplets = same & not_itself(labels) & (~same).any(-1, keepdim=True)
    negative = squared.gather(-1, _negatives(squared.detach(), ~same, mining))
    losses = (squared - negative + per_member(margin, features, 2)).relu()
    return mean_where(triplets, losses)


def _negatives(squared: Tensor, different: Tensor, mining: str) -> Tensor:
    """Return for each anchor and positive, ``[.., B, B]``, the number of the negative they meet.

    From an anchor's sorted negatives, so that no triplets ``[.., B, B, B]`` are laid out.
    """
    ranked, order = squared.masked_fill(~different, math.inf).sort(dim=-1, stable=True)
    if mining == "hard":
        return order[..., :1].expand_as(order)
    place = torch.searchsorted(ranked.contiguous(), squared.contiguous(), right=True)
    farthest = different.sum(-1, keepdim=True) - 1
    return order.gather(-1, place.minimum(farthest).clamp(min=0))


def _check_mining(mining: str) -> None:
    if mining not in MINING:
        raise ValueError(f"mining must be one of {', '.join(MINING)}, got {mining!r}")


class TripletLoss(nn.Module):
    """`triplet_loss` as a module; it has no parameters.

    Args:
        margin: m, not negative; a number, or a tensor ``[K]`` for an array of K members; FaceNet's
            0.2.
        mining: 'semi-hard' or 'hard', shared by an array.

    Raises:
        ValueError: the margin is out of range, or the mining unknown.
    """

    margin: PerMember

    def __init__(self, margin: PerMember = 0.2, mining: str = "semi-hard") -> None:
        super().__init__()
        _check_mining(mining)
        hold(self, {"margin": margin}, not_negative=("margin",))
        self.mining = mining

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return triplet_loss(features, labels, self.margin, self.mining)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({"margin": self.margin, "mining": self.mining})
