"""The cosine between embeddings and the weights of classes."""

import math
from typing import Any

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
        features, weight = at_least_float32(features), at_least_float32(weight)
        leading = torch.broadcast_shapes(features.shape[:-2], weight.shape[:-2])
        features = features.expand(*leading, -1, -1)
        cosine: Tensor = _Cosine.apply(features, weight.expand(*leading, -1, -1))
        return cosine


class _Cosine(torch.autograd.Function):
    """The product of unit vectors, with its gradient written out.

    Products are divided by lengths where they are fewer than what they are products of, and each
    gradient is projected at once: autograd's steps read weights twelve times where this reads them
    four times. All is computed from what is saved, so that second derivatives exist.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(features: Tensor, weight: Tensor) -> Tensor:
        shorter, thinner = _inverse_length(features), _inverse_length(weight)
        if features.shape[-1] > weight.shape[-2]:
            product = (features @ weight.mT) * shorter
        else:
            product = (features * shorter) @ weight.mT
        return product * thinner.mT

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)
        ctx.save_for_forward(*inputs, output)

    @staticmethod
    def jvp(ctx: Any, features: Tensor | None, weight: Tensor | None) -> Tensor:
        at_features, at_weight, cosine = ctx.saved_tensors
        shorter, thinner = _inverse_length(at_features), _inverse_length(at_weight)
        change = torch.zeros_like(cosine)
        if features is not None:
            along = (at_features * features).sum(-1, keepdim=True) * shorter.square()
            change = change + (features @ at_weight.mT) * shorter * thinner.mT - cosine * along
        if weight is not None:
            along = (at_weight * weight).sum(-1, keepdim=True) * thinner.square()
            change = change + (at_features @ weight.mT) * shorter * thinner.mT - cosine * along.mT
        return change

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        features, weight, cosine = ctx.saved_tensors
        of_features = of_weight = None
        shorter, thinner = _inverse_length(features), _inverse_length(weight)
        along = gradient * cosine  # what would change the lengths alone has no effect
        gradient = gradient * shorter * thinner.mT
        if ctx.needs_input_grad[0]:
            pull = shorter.square() * along.sum(-1, keepdim=True)
            of_features = torch.addcmul(gradient @ weight, features, pull, value=-1)
        if ctx.needs_input_grad[1]:
            pull = thinner.square() * along.sum(-2).unsqueeze(-1)
            of_weight = torch.addcmul(gradient.mT @ features, weight, pull, value=-1)
        return of_features, of_weight


def unit_length(vectors: Tensor) -> Tensor:
    """Return vectors ``[.., d]`` at unit length; those without a direction as zeros."""
    return vectors * _inverse_length(vectors)


def _inverse_length(vectors: Tensor) -> Tensor:
    """Return 1 / length ``[.., 1]`` of vectors ``[.., d]``, 0 of those without a direction."""
    length: Tensor = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    return length.masked_fill(length < _SHORTEST, math.inf).reciprocal()
