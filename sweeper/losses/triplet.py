"""Triplet loss: every positive nearer than a mined negative, by a margin."""

import math

import torch
from torch import Tensor, nn

from sweeper.losses.cosine import unit_length
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

#: How the negative of a pair is chosen.
MINING = ("semi-hard", "hard")


def triplet_loss(
    features: Tensor, labels: Tensor, margin: PerMember, mining: str = "semi-hard"
) -> Tensor:
    """Return the mean over same-class pairs (a, p) of max(0, d(a, p) − d(a, n) + m).

    d is the squared distance between normalized embeddings (Schroff et al. 2015, FaceNet, sections
    3.1 and 3.2), and n a sample of another class. With 'semi-hard', n is the nearest that is
    farther than p, or the farthest if none is (the paper leaves this case open). With 'hard', n is
    the nearest (La Grassa et al. 2020, equation 6). The mean is over all pairs whose anchor has a
    negative, including those with loss 0; without any such pair the term is 0. No gradient flows
    through the choice of n.

    Args:
        features: ``[.., B, d]``, of any length; half precision is computed in float32.
        labels: ``[B]`` or ``[.., B]``, class numbers.
        margin: m, not negative (d is at most 4); a number or a tensor ``[..]``, one value per
            member.
        mining: 'semi-hard' or 'hard', the same for all members.

    Returns:
        The term ``[..]``, one number per member.

    Raises:
        ValueError: the shapes do not match, the margin is out of range, or the mining is unknown.
    """
    features, labels = embeddings(features, labels)
    check_hyperparameter("margin", margin, features.shape[:-2], not_negative=True)
    _check_mining(mining)
    unit = unit_length(features)
    squared = squared_distances(unit, unit)
    same = same_class(labels)
    triplets = same & off_diagonal(labels) & (~same).any(-1, keepdim=True)
    negative = squared.gather(-1, _negatives(squared.detach(), ~same, mining))
    losses = (squared - negative + per_member(margin, features, 2)).relu()
    return mean_where(triplets, losses)


def _negatives(squared: Tensor, different: Tensor, mining: str) -> Tensor:
    """Return the index of the negative for each anchor and positive, ``[.., B, B]``.

    Searches each anchor's sorted negatives, so that no triplets ``[.., B, B, B]`` are built.
    """
    ranked, order = squared.masked_fill(~different, math.inf).sort(dim=-1, stable=True)
    if mining == "hard":
        return order[..., :1].expand_as(order)
    rank = torch.searchsorted(ranked.contiguous(), squared.contiguous(), right=True)
    farthest = different.sum(-1, keepdim=True) - 1
    return order.gather(-1, rank.minimum(farthest).clamp(min=0))


def _check_mining(mining: str) -> None:
    if mining not in MINING:
        raise ValueError(f"mining must be one of {', '.join(MINING)}, got {mining!r}")


class TripletLoss(nn.Module):
    """`triplet_loss` as a module; it has no parameters.

    Args:
        margin: m, not negative; a number, or a tensor ``[K]`` for an array of K members; 0.2 in
            FaceNet.
        mining: 'semi-hard' or 'hard', the same for all members.

    Raises:
        ValueError: the margin is out of range, or the mining is unknown.
    """

    margin: PerMember

    def __init__(self, margin: PerMember = 0.2, mining: str = "semi-hard") -> None:
        super().__init__()
        _check_mining(mining)
        register_hyperparameters(self, {"margin": margin}, not_negative=("margin",))
        self.mining = mining

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the term, ``[]`` or ``[K]``, of ``[B, d]`` or ``[K, B, d]``."""
        return triplet_loss(features, labels, self.margin, self.mining)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        return extra_repr({"margin": self.margin, "mining": self.mining})
