"""How well samples find those of their own class by their embeddings."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from sweeper.metrics.tensors import at_unit_length, check_samples, nan_where_not_finite


def map_at_r(embeddings: Tensor, labels: Tensor, block_size: int = 1024) -> Tensor:
    """Return MAP@R, the mean average precision at R (Musgrave et al. 2020, equation 4).

    Each sample searches all others by cosine similarity; R is the number of others of its class.
    A sample alone in its class is left out of the mean. Where others are as similar, to within
    rounding, those of a wrong class count as found first: a collapse does not score by luck.

    Args:
        embeddings: ``[.., N, d]``, of any length.
        labels: ``[N]``, any whole numbers.
        block_size: searches done at once, over all members; the memory is this times N.

    Returns:
        MAP@R ``[..]`` from 0 to 1.

    Raises:
        ValueError: the shapes do not fit, or no class has two samples.
    """
    return _mean_over_queries(embeddings, labels, block_size, _average_precision)


def recall_at_1(embeddings: Tensor, labels: Tensor, block_size: int = 1024) -> Tensor:
    """Return the share of samples whose nearest other sample is of their class.

    Nearest by cosine similarity (recall@R of Jégou et al. 2011 with R = 1; 'precision at 1' in
    Musgrave et al. 2020). A sample alone in its class is left out. Where others are as similar, to
    within rounding, those of a wrong class count as found first: a collapse scores 0.

    Args:
        embeddings: ``[.., N, d]``, of any length.
        labels: ``[N]``, any whole numbers.
        block_size: searches done at once, over all members; the memory is this times N.

    Returns:
        Shares ``[..]`` from 0 to 1.

    Raises:
        ValueError: the shapes do not fit, or no class has two samples.
    """
    return _mean_over_queries(embeddings, labels, block_size, _nearest_is_right)


def _mean_over_queries(
    embeddings: Tensor,
    labels: Tensor,
    block_size: int,
    score: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor],
) -> Tensor:
    """Return the mean ``[..]`` of scores ``[K, Q]``, some samples at a time searching the others.

    Args:
        embeddings: ``[.., N, d]``.
        labels: ``[N]``.
        block_size: searches done at once, over all members.
        score: of similarities ``[K, Q, N]``, classes ``[N]``, queries ``[Q]``, which number
            samples, and how many others ``[Q]`` of its class each query has.
    """
    check_samples(embeddings, labels)
    _, classes, counts = labels.unique(return_inverse=True, return_counts=True)
    others = counts[classes] - 1
    queries = others.nonzero().squeeze(-1)
    if not len(queries):
        raise ValueError("retrieval needs a class of at least two samples")
    vectors = at_unit_length(embeddings).reshape(-1, *embeddings.shape[-2:])
    total = vectors.new_zeros(len(vectors))
    for block in queries.split(max(1, block_size // len(vectors))):
        similar = _similarities(vectors, classes, block)
        total += score(similar, classes, block, others[block]).sum(-1)
    return nan_where_not_finite((total / len(queries)).view(embeddings.shape[:-2]), embeddings)


def _similarities(vectors: Tensor, classes: Tensor, queries: Tensor) -> Tensor:
    """Return the cosines ``[K, Q, N]`` to all vectors, lowered to the query's own class."""
    similar = vectors[:, queries] @ vectors.mT
    same = classes[queries].unsqueeze(-1) == classes
    similar -= 4 * torch.finfo(similar.dtype).eps * same
    similar[:, torch.arange(len(queries)), queries] = -math.inf
    return similar


def _nearest_is_right(similar: Tensor, classes: Tensor, queries: Tensor, others: Tensor) -> Tensor:
    """Return 1 ``[K, Q]`` where the most similar sample is of the query's class, else 0."""
    return (classes[similar.argmax(-1)] == classes[queries]).to(similar.dtype)


def _average_precision(similar: Tensor, classes: Tensor, queries: Tensor, others: Tensor) -> Tensor:
    """Return the average precision ``[K, Q]`` at R of each query, R how many others it has."""
    found = similar.topk(int(others.max()), dim=-1).indices
    ranks = torch.arange(1, found.shape[-1] + 1, device=found.device, dtype=similar.dtype)
    hits = (classes[found] == classes[queries].unsqueeze(-1)) & (ranks <= others.unsqueeze(-1))
    precision = hits.cumsum(-1) / ranks
    return (precision * hits).sum(-1) / others
