"""Cosine similarity between embeddings and class weights."""

import math
from typing import Any

import torch
from torch import Tensor

from sweeper.losses.tensors import at_least_float32, check_features, check_precision

#: Vectors shorter than this count as zero, without a direction.
_MIN_LENGTH = 1e-12


def cosine_similarity(features: Tensor, weight: Tensor) -> Tensor:
    """Return the cosines of the angles between features and class weights.

    Computed in at least float32, also under autocast: in bfloat16, an angle of 0.05 rad would be
    off by 0.05. A zero vector has cosine 0 to everything, and no gradient.

    Args:
        features: ``[.., B, d]``.
        weight: ``[.., C, d]``.

    Returns:
        The cosines ``[.., B, C]``, float32 or float64; rounding may take them slightly beyond ±1.

    Raises:
        ValueError: the shapes do not match, or only one of the two is float64.
    """
    check_features(features, weight)
    check_precision(features, weight)
    with torch.autocast(features.device.type, enabled=False):
        features, weight = at_least_float32(features), at_least_float32(weight)
        leading = torch.broadcast_shapes(features.shape[:-2], weight.shape[:-2])
        features = features.expand(*leading, -1, -1)
        cosine: Tensor = _Cosine.apply(features, weight.expand(*leading, -1, -1))
        return cosine


class _Cosine(torch.autograd.Function):
    """The product of unit vectors, with its gradient written out.

    Lengths divide the products or the features, whichever has fewer elements, and each gradient is
    projected in one step: this reads the weights four times, autograd twelve times. Everything is
    computed from saved tensors, so that second derivatives exist.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(features: Tensor, weight: Tensor) -> Tensor:
        inverse_x, inverse_w = inverse_length(features), inverse_length(weight)
        if features.shape[-1] > weight.shape[-2]:
            product = (features @ weight.mT) * inverse_x
        else:
            product = (features * inverse_x) @ weight.mT
        return product * inverse_w.mT

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)
        ctx.save_for_forward(*inputs, output)

    @staticmethod
    def jvp(ctx: Any, features: Tensor | None, weight: Tensor | None) -> Tensor:
        at_features, at_weight, cosine = ctx.saved_tensors
        inverse_x, inverse_w = inverse_length(at_features), inverse_length(at_weight)
        change = torch.zeros_like(cosine)
        if features is not None:
            radial = (at_features * features).sum(-1, keepdim=True) * inverse_x.square()
            product = (features @ at_weight.mT) * inverse_x * inverse_w.mT
            change = change + product - cosine * radial
        if weight is not None:
            radial = (at_weight * weight).sum(-1, keepdim=True) * inverse_w.square()
            product = (at_features @ weight.mT) * inverse_x * inverse_w.mT
            change = change + product - cosine * radial.mT
        return change

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        features, weight, cosine = ctx.saved_tensors
        features_gradient = weight_gradient = None
        inverse_x, inverse_w = inverse_length(features), inverse_length(weight)
        radial = gradient * cosine  # this part of the gradient would only change lengths
        gradient = gradient * inverse_x * inverse_w.mT
        if ctx.needs_input_grad[0]:
            correction = inverse_x.square() * radial.sum(-1, keepdim=True)
            features_gradient = torch.addcmul(gradient @ weight, features, correction, value=-1)
        if ctx.needs_input_grad[1]:
            correction = inverse_w.square() * radial.sum(-2).unsqueeze(-1)
            weight_gradient = torch.addcmul(gradient.mT @ features, weight, correction, value=-1)
        return features_gradient, weight_gradient


def unit_length(vectors: Tensor) -> Tensor:
    """Return vectors ``[.., d]`` scaled to unit length; those too short become zeros."""
    return vectors * inverse_length(vectors)


def inverse_length(vectors: Tensor) -> Tensor:
    """Return 1 / length ``[.., 1]`` of vectors ``[.., d]``, 0 for those too short."""
    length: Tensor = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    return length.masked_fill(length < _MIN_LENGTH, math.inf).reciprocal()
