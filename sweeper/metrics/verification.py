"""Verification: telling same-class pairs from others by one similarity threshold.

The samples usually come from classes held out of training, as in face verification.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from sweeper.metrics.tensors import are_finite, at_unit_length, check_samples

#: Number of equal bins for similarities from -1 to 1, each 2^-19 = 1.9e-6 wide.
_BINS = 2**20


class Roc(NamedTuple):
    """Accept rates at each threshold of the grid, from the strictest to the loosest.

    Attributes:
        thresholds: ``[T]``, cosines: inf, which accepts nothing, then from 1 - 2^-19 down to -1 in
            steps of 2^-19; T is 2^20 + 1.
        far: ``[.., T]``, the fraction of impostor pairs with at least this similarity.
        tar: ``[.., T]``, the fraction of genuine pairs with at least this similarity.
    """

    thresholds: Tensor
    far: Tensor
    tar: Tensor


def verification(embeddings: Tensor, labels: Tensor, block_size: int = 1024) -> Roc:
    """Return the false and the true accept rates over all pairs of samples i < j.

    A pair is genuine if both samples are of one class, otherwise an impostor pair. It is accepted
    if its cosine similarity reaches the threshold. FAR and TAR are the accepted fractions of
    impostor and genuine pairs (Schroff et al. 2015, FaceNet, section 4, who use distances and call
    TAR VAL; for unit vectors the squared distance is 2 - 2 cos).

    There are too many pairs to sort, so the thresholds form a grid. The rates are exact at each,
    except for similarities within rounding of the threshold. The similarity of a genuine pair is
    lowered by 4 eps: of equal similarities up to rounding, impostor pairs are accepted first, as in
    `map_at_r`. Zero embeddings have similarity 0 to all others.

    Args:
        embeddings: ``[.., N, d]``, of any length.
        labels: ``[N]``, any integers.
        block_size: number of samples compared with four times as many at once; memory is four times
            its square, whatever the number of pairs.

    Returns:
        The curves, in at least float32; both nan for a member that is not finite. They take 8 MB
        per member in float32.

    Raises:
        ValueError: the shapes do not match, or there is no genuine or no impostor pair.
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

    For a rate α, this is the largest TAR over the thresholds of `verification` with FAR at most α.
    Pairs within one step of the grid are accepted together or not at all, so that a step too coarse
    for the data can only lower the result; a collapse scores 0. If α is less than one impostor
    pair, the threshold accepts none of them.

    Args:
        embeddings: ``[.., N, d]``, of any length.
        labels: ``[N]``, any integers.
        far: the rates α, each from 0 to 1.
        block_size: as in `verification`; curves are computed for one member at a time.

    Returns:
        Fractions ``[.., len(far)]`` from 0 to 1, nan for a member that is not finite.

    Raises:
        ValueError: the shapes do not match, a rate is not from 0 to 1, or there is no genuine or no
            impostor pair.
    """
    check_samples(embeddings, labels)
    if not all(0 <= rate <= 1 for rate in far):
        raise ValueError(f"false accept rates must be from 0 to 1, got {tuple(far)}")
    order, sizes = _by_class(labels)
    vectors = at_unit_length(embeddings).reshape(-1, *embeddings.shape[-2:])
    rates = torch.tensor(far, dtype=torch.float64, device=vectors.device)
    result = vectors.new_empty(len(vectors), len(far))
    for k, member in enumerate(vectors):
        far_curve, tar_curve = _curves(member[order], sizes, block_size)
        # The last threshold with at most this FAR; the first one accepts nothing.
        result[k] = tar_curve[torch.searchsorted(far_curve, rates, right=True) - 1]
    return result.view(*embeddings.shape[:-2], len(far))


def _by_class(labels: Tensor) -> tuple[Tensor, list[int]]:
    """Return the indices ``[N]`` that sort samples by class, and the class sizes."""
    sizes: list[int] = labels.unique(return_counts=True)[1].tolist()
    if len(sizes) < 2:
        raise ValueError("verification needs an impostor pair: samples of at least two classes")
    if max(sizes) < 2:
        raise ValueError("verification needs a genuine pair: a class of at least two samples")
    return labels.argsort(stable=True), sizes


def _curves(vectors: Tensor, sizes: list[int], block_size: int) -> tuple[Tensor, Tensor]:
    """Return FAR and TAR ``[T]`` in float64 of unit vectors ``[N, d]`` sorted by class."""
    if not are_finite(vectors):
        undefined = vectors.new_full((_BINS + 1,), math.nan, dtype=torch.float64)
        return undefined, undefined
    far, tar = (
        torch.cat([counts.new_zeros(1), counts.flip(0).cumsum(0)]).double() / counts.sum()
        for counts in _histograms(vectors, sizes, block_size)
    )
    return far, tar


def _histograms(vectors: Tensor, sizes: list[int], block_size: int) -> tuple[Tensor, Tensor]:
    """Return the numbers of impostor and of genuine pairs in each similarity bin."""
    count = len(vectors)
    classes = torch.repeat_interleave(torch.tensor(sizes)).to(vectors.device)
    ends = torch.tensor(sizes).cumsum(0).repeat_interleave(torch.tensor(sizes)).tolist()
    impostor, genuine = torch.zeros(2, _BINS, dtype=torch.int64, device=vectors.device)
    for start in range(0, count, block_size):
        rows = slice(start, min(start + block_size, count))
        # Sorted by class: from here on no sample shares a class with these rows.
        end = ends[rows.stop - 1]
        edges = [*range(start, end, 4 * block_size), *range(end, count, 4 * block_size), count]
        for left, right in pairwise(edges):
            similarities = vectors[rows] @ vectors[left:right].mT
            if left >= end:
                impostor += _counts(similarities)
                continue
            same = classes[rows].unsqueeze(-1) == classes[left:right]
            later = torch.ones_like(same).triu(start - left + 1)
            impostor += _counts(similarities[~same & later])
            similarities -= 4 * torch.finfo(similarities.dtype).eps
            genuine += _counts(similarities[same & later])
    return impostor, genuine


def _counts(similarities: Tensor) -> Tensor:
    """Return the number of similarities per bin; overwrites its argument."""
    bins = similarities.mul_(_BINS / 2).add_(_BINS / 2).clamp_(0, _BINS - 1)
    return bins.to(torch.int64).flatten().bincount(minlength=_BINS)
