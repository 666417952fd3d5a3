"""Retrieval: how well samples find others of their class by their embeddings."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from sweeper.metrics.tensors import at_unit_length, check_samples, nan_where_not_finite


def map_at_r(embeddings: Tensor, labels: Tensor, block_size: int = 1024) -> Tensor:
    """Return MAP@R, the mean average precision at R (Musgrave et al. 2020, equation 4).

    Each sample queries all others by cosine similarity; R is the number of others of its class. A
    sample alone in its class is skipped. Ties up to rounding rank samples of other classes first,
    so that a collapse does not score by luck.

    Args:
        embeddings: ``[.., N, d]``, of any length.
        labels: ``[N]``, any integers.
        block_size: number of queries per block, over all members; memory is this times N.

    Returns:
        MAP@R ``[..]`` from 0 to 1.

    Raises:
        ValueError: the shapes do not match, or no class has two samples.
    """
    return _mean_over_queries(embeddings, labels, block_size, _average_precision)


def recall_at_1(embeddings: Tensor, labels: Tensor, block_size: int = 1024) -> Tensor:
    """Return the fraction of samples whose nearest other sample is of their class.

    Nearest by cosine similarity (recall@R of Jégou et al. 2011 with R = 1; 'precision at 1' in
    Musgrave et al. 2020). A sample alone in its class is skipped. Ties up to rounding rank samples
    of other classes first, so that a collapse scores 0.

    Args:
        embeddings: ``[.., N, d]``, of any length.
        labels: ``[N]``, any integers.
        block_size: number of queries per block, over all members; memory is this times N.

    Returns:
        Fractions ``[..]`` from 0 to 1.

    Raises:
        ValueError: the shapes do not match, or no class has two samples.
    """
    return _mean_over_queries(embeddings, labels, block_size, _nearest_is_correct)


def _mean_over_queries(
    embeddings: Tensor,
    labels: Tensor,
    block_size: int,
    score: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor],
) -> Tensor:
    """Return the mean ``[..]`` of scores ``[K, Q]`` over all queries, in blocks.

    Args:
        embeddings: ``[.., N, d]``.
        labels: ``[N]``.
        block_size: number of queries per block, over all members.
        score: function of similarities ``[K, Q, N]``, classes ``[N]``, queries ``[Q]`` (indices of
            samples) and ``[Q]`` numbers of other samples of each query's class.
    """
    check_samples(embeddings, labels)
    _, classes, counts = labels.unique(return_inverse=True, return_counts=True)
    num_positives = counts[classes] - 1
    queries = num_positives.nonzero().squeeze(-1)
    if not len(queries):
        raise ValueError("retrieval needs a class with at least two samples")
    vectors = at_unit_length(embeddings).reshape(-1, *embeddings.shape[-2:])
    total = vectors.new_zeros(len(vectors))
    for block in queries.split(max(1, block_size // len(vectors))):
        similarities = _similarities(vectors, classes, block)
        total += score(similarities, classes, block, num_positives[block]).sum(-1)
    return nan_where_not_finite((total / len(queries)).view(embeddings.shape[:-2]), embeddings)


def _similarities(vectors: Tensor, classes: Tensor, queries: Tensor) -> Tensor:
    """Return the cosines ``[K, Q, N]`` to all vectors, lowered for the query's own class."""
    similarities = vectors[:, queries] @ vectors.mT
    same = classes[queries].unsqueeze(-1) == classes
    similarities -= 4 * torch.finfo(similarities.dtype).eps * same
    similarities[:, torch.arange(len(queries)), queries] = -math.inf
    return similarities


def _nearest_is_correct(
    similarities: Tensor, classes: Tensor, queries: Tensor, num_positives: Tensor
) -> Tensor:
    """Return ``[K, Q]``: 1 where the most similar sample is of the query's class, else 0."""
    return (classes[similarities.argmax(-1)] == classes[queries]).to(similarities.dtype)


def _average_precision(
    similarities: Tensor, classes: Tensor, queries: Tensor, num_positives: Tensor
) -> Tensor:
    """Return the average precision at R ``[K, Q]`` of each query, R from `num_positives`."""
    nearest = similarities.topk(int(num_positives.max()), dim=-1).indices
    ranks = torch.arange(1, nearest.shape[-1] + 1, device=nearest.device, dtype=similarities.dtype)
    hits = (classes[nearest] == classes[queries].unsqueeze(-1)) & (
        ranks <= num_positives.unsqueeze(-1)
    )
    precision = hits.cumsum(-1) / ranks
    return (precision * hits).sum(-1) / num_positives
