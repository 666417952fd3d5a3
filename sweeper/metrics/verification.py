"""How well one threshold on similarity tells pairs of one class from pairs of two.

The samples are usually those of classes held out of training, as in face verification.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from sweeper.metrics.tensors import are_finite, at_unit_length, check_samples

#: Similarities are counted in this many equal bins from -1 to 1, each 2^-19 = 1.9e-6 wide.
_BINS = 2**20


class Roc(NamedTuple):
    """The shares accepted at each threshold of the grid, from the strictest to the laxest.

    Attributes:
        thresholds: ``[T]``, cosines: inf, which accepts nothing, then from 1 - 2^-19 down to -1 in
            steps of 2^-19; T is 2^20 + 1.
        far: ``[.., T]``, the share of impostor pairs with at least this similarity.
        tar: ``[.., T]``, the share of genuine pairs with at least this similarity.
    """

    thresholds: Tensor
    far: Tensor
    tar: Tensor


def verification(embeddings: Tensor, labels: Tensor, block_size: int = 1024) -> Roc:
    """Return the false and the true accept rates over all pairs of samples i < j.

    A pair is genuine where both samples are of one class, else an impostor pair, and accepted where
    its cosine similarity reaches the threshold. FAR and TAR are the accepted shares of impostor
    and genuine pairs (Schroff et al. 2015, FaceNet, section 4, there by distance and TAR as VAL;
    at unit length the squared distance is 2 - 2 cos).

    The pairs are too many to sort, so the thresholds are a grid. At each of them the shares are
    exact, but for similarities within rounding of the threshold. The similarity of a genuine pair
    counts as 4 eps less: an impostor pair that is as similar, to within rounding, is accepted
    first, as in `map_at_r`. Embeddings of length zero have similarity 0 to all.

    Args:
        embeddings: ``[.., N, d]``, of any length.
        labels: ``[N]``, any whole numbers.
        block_size: this many samples are held against four times as many at once; the memory is
            four times its square, and does not grow with the pairs.

    Returns:
        The curves, in at least float32; both nan for a member that is not finite. They take 8 MB a
        member in float32.

    Raises:
        ValueError: the shapes do not fit, or there is no genuine or no impostor pair.
    """
    check_samples(embeddings, labels)
    order, sizes = _by_class(labels)
    vectors = at_unit_length(embeddings).reshape(-1, *embeddings.shape[-2:])
    shape = (*embeddings.shape[:-2], _BINS + 1)
    far, tar = vectors.new_empty(2, len(vectors), _BINS + 1)
    for k, member in enumerate(vectors):
        far[k], tar[k] = _curves(member[order], sizes, block_size)
    steps = torch.arange(_BINS - 1, -1, -1, device=far.device, dtype=far.dtype)
    grid = steps / (_BINS / 2) - 1
    thresholds = torch.cat([grid.new_full((1,), math.inf), grid])
    return Roc(thresholds, far.view(shape), tar.view(shape))


def tar_at_far(
    embeddings: Tensor,
    labels: Tensor,
    far: Sequence[float] = (1e-2, 1e-3),
    block_size: int = 1024,
) -> Tensor:
    """Return the true accept rate at given false accept rates, over all pairs of samples i < j.

    At a rate α, the largest share of genuine pairs accepted at a threshold of the grid of
    `verification` at which at most the share α of impostor pairs is accepted. Pairs within one
    step of the grid are accepted together or not at all, so a step too coarse for the data lowers
    the result and never raises it; a collapse scores 0. An α of less than one impostor pair asks
    for a threshold that accepts none of them.

    Args:
        embeddings: ``[.., N, d]``, of any length.
        labels: ``[N]``, any whole numbers.
        far: the rates α, each from 0 to 1.
        block_size: as in `verification`; the curves are held for one member at a time.

    Returns:
        Shares ``[.., len(far)]`` from 0 to 1, nan for a member that is not finite.

    Raises:
        ValueError: the shapes do not fit, a rate is not from 0 to 1, or there is no genuine or no
            impostor pair.
    """
    check_samples(embeddings, labels)
    if not all(0 <= rate <= 1 for rate in far):
        raise ValueError(f"false accept rates must lie from 0 to 1, got {tuple(far)}")
    order, sizes = _by_class(labels)
    vectors = at_unit_length(embeddings).reshape(-1, *embeddings.shape[-2:])
    rates = torch.tensor(far, dtype=torch.float64, device=vectors.device)
    result = vectors.new_empty(len(vectors), len(far))
    for k, member in enumerate(vectors):
        accepted, right = _curves(member[order], sizes, block_size)
        # Of the thresholds at which no more is accepted, the last; the first one accepts nothing.
        result[k] = right[torch.searchsorted(accepted, rates, right=True) - 1]
    return result.view(*embeddings.shape[:-2], len(far))


def _by_class(labels: Tensor) -> tuple[Tensor, list[int]]:
    """Return an order ``[N]`` of the samples by class and how many each class has."""
    sizes: list[int] = labels.unique(return_counts=True)[1].tolist()
    if len(sizes) < 2:
        raise ValueError("verification needs an impostor pair: samples of at least two classes")
    if max(sizes) < 2:
        raise ValueError("verification needs a genuine pair: a class of at least two samples")
    return labels.argsort(stable=True), sizes


def _curves(vectors: Tensor, sizes: list[int], block_size: int) -> tuple[Tensor, Tensor]:
    """Return FAR and TAR ``[T]`` in float64 of unit vectors ``[N, d]`` sorted by class."""
    if not are_finite(vectors):
        nowhere = vectors.new_full((_BINS + 1,), math.nan, dtype=torch.float64)
        return nowhere, nowhere
    far, tar = (
        torch.cat([counts.new_zeros(1), counts.flip(0).cumsum(0)]).double() / counts.sum()
        for counts in _histograms(vectors, sizes, block_size)
    )
    return far, tar


def _histograms(vectors: Tensor, sizes: list[int], block_size: int) -> tuple[Tensor, Tensor]:
    """Return how many impostor and genuine pairs have their similarity in each bin."""
    count = len(vectors)
    classes = torch.repeat_interleave(torch.tensor(sizes)).to(vectors.device)
    ends = torch.tensor(sizes).cumsum(0).repeat_interleave(torch.tensor(sizes)).tolist()
    impostor, genuine = torch.zeros(2, _BINS, dtype=torch.int64, device=vectors.device)
    for top in range(0, count, block_size):
        rows = slice(top, min(top + block_size, count))
        # Sorted by class: the samples from here on are of other classes than all of the rows.
        end = ends[rows.stop - 1]
        edges = [*range(top, end, 4 * block_size), *range(end, count, 4 * block_size), count]
        for left, right in pairwise(edges):
            similar = vectors[rows] @ vectors[left:right].mT
            if left >= end:
                impostor += _counts(similar)
                continue
            same = classes[rows].unsqueeze(-1) == classes[left:right]
            later = torch.ones_like(same).triu(top - left + 1)
            impostor += _counts(similar[~same & later])
            similar -= 4 * torch.finfo(similar.dtype).eps
            genuine += _counts(similar[same & later])
    return impostor, genuine


def _counts(similar: Tensor) -> Tensor:
    """Return how many similarities lie in each bin; overwrites them."""
    bins = similar.mul_(_BINS / 2).add_(_BINS / 2).clamp_(0, _BINS - 1)
    return bins.to(torch.int64).flatten().bincount(minlength=_BINS)
