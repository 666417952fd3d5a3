"""The cosine between embeddings and the weights of classes."""

import math

import torch
from torch import Tensor

from sweeper.losses.tensors import at_least_float32, check_features

#: Shorter vectors have no direction.
_SHORTEST = 1e-12


def cosine_similarity(features: Tensor, weight: Tensor) -> Tensor:
    """Return the cosines of the angles between features and class weights.

    Computed in at least float32, under autocast too: a bfloat16 cosine is off by 0.05 rad at an
    angle of 0.05. A vector of zeros has the cosine 0 to everything, and no gradient.

    Args:
        features: ``[.., B, d]``.
        weight: ``[.., C, d]``.

    Returns:
        The cosines ``[.., B, C]``, float32 or float64; rounding can carry them slightly past ±1.

    Raises:
        ValueError: the shapes do not fit.
    """
    check_features(features, weight)
    with torch.autocast(features.device.type, enabled=False):
        return unit_length(at_least_float32(features)) @ unit_length(at_least_float32(weight)).mT


def unit_length(vectors: Tensor) -> Tensor:
    """Return vectors ``[.., d]`` at unit length; those without a direction as zeros."""
    length: Tensor = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    return vectors / length.masked_fill(length < _SHORTEST, math.inf)
