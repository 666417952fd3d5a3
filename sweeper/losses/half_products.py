"""Products of features and class weights in bfloat16, where they are most of a training step.

A product with many classes and dimensions takes twice as long in float32 on processors that have
instructions for bfloat16. What a margin is added to must stay exact: in bfloat16 an angle of 0.05
rad would be off by 0.05. So each sample's product with its own class is computed in float32, and
only the others are rounded, to 2⁻⁹ of their size. Gradients are rounded likewise, as those of a
layer under autocast are.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from sweeper.losses.cosine import inverse_length
from sweeper.losses.target import target_scores

#: Fewest class weights of a member, C · d, that are worth the conversions.
_FEWEST = 2**16


def pays_off(features: Tensor, weight: Tensor, labels: Tensor) -> bool:
    """Return whether products in bfloat16 are faster: of many class weights, on a CPU.

    Whether the CPU has instructions for bfloat16 is for the caller to know. Tensors whose leading
    dimensions differ are for the usual way, which broadcasts or refuses them.

    Args:
        features: ``[.., B, d]``.
        weight: ``[.., C, d]``.
        labels: ``[.., B]``.
    """
    large = weight.dim() > 1 and weight.shape[-2] * weight.shape[-1] >= _FEWEST
    alike = (
        features.shape[:-1] == labels.shape
        and features.shape[:-2] == weight.shape[:-2]
        and features.shape[-1] == weight.shape[-1]
    )
    is_single = features.dtype == weight.dtype == torch.float32
    return large and alike and is_single and features.is_cpu


def half_cosine(features: Tensor, weight: Tensor, labels: Tensor) -> Tensor:
    """Return `sweeper.losses.cosine_similarity`, rounded but for each sample's own class.

    Args:
        features: ``[.., B, d]``, float32.
        weight: ``[.., C, d]``, float32, with the same leading dimensions.
        labels: ``[.., B]``, class numbers, likewise.

    Returns:
        The cosines ``[.., B, C]``, float32; they have no second derivatives.
    """
    cosine: Tensor = _HalfCosine.apply(features, weight, labels)
    return cosine


def half_products(features: Tensor, weight: Tensor, labels: Tensor) -> Tensor:
    """Return ``features @ weight.mT``, rounded likewise; all else as `half_cosine`."""
    products: Tensor = _HalfProducts.apply(features, weight, labels)
    return products


class _HalfProducts(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, labels: Tensor) -> Tensor:
        ctx.save_for_backward(features, weight)
        return _with_own(_product(features, weight.mT), features, weight, labels)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        features, weight = ctx.saved_tensors
        features_gradient = weight_gradient = None
        if ctx.needs_input_grad[0]:
            features_gradient = _product(gradient, weight)
        if ctx.needs_input_grad[1]:
            weight_gradient = _product(gradient.mT, features)
        return features_gradient, weight_gradient, None


class _HalfCosine(torch.autograd.Function):
    """As `sweeper.losses.cosine`, whose gradients are written out likewise."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, labels: Tensor) -> Tensor:
        inverse_x, inverse_w = inverse_length(features), inverse_length(weight)
        product = _with_own(_product(features, weight.mT), features, weight, labels)
        cosine = product.mul_(inverse_x).mul_(inverse_w.mT)
        ctx.save_for_backward(features, weight, cosine, inverse_x, inverse_w)
        return cosine

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        features, weight, cosine, inverse_x, inverse_w = ctx.saved_tensors
        features_gradient = weight_gradient = None
        radial = gradient * cosine  # this part of the gradient would only change lengths
        gradient = (gradient * inverse_x).mul_(inverse_w.mT)
        if ctx.needs_input_grad[0]:
            correction = inverse_x.square() * radial.sum(-1, keepdim=True)
            features_gradient = _product(gradient, weight)
            features_gradient.addcmul_(features, correction, value=-1)
        if ctx.needs_input_grad[1]:
            correction = inverse_w.square() * radial.sum(-2).unsqueeze(-1)
            weight_gradient = _product(gradient.mT, features)
            weight_gradient.addcmul_(weight, correction, value=-1)
        return features_gradient, weight_gradient, None


def _product(first: Tensor, second: Tensor) -> Tensor:
    """Return a product in float32 that was computed in bfloat16; sums within it are in float32."""
    return (first.bfloat16() @ second.bfloat16()).float()


def _with_own(products: Tensor, features: Tensor, weight: Tensor, labels: Tensor) -> Tensor:
    """Put each sample's product with its own class in, computed in float32."""
    targets = labels.unsqueeze(-1)
    target_scores(products, targets)  # says which labels there are
    own = weight.gather(-2, targets.expand(*targets.shape[:-1], weight.shape[-1]))
    return products.scatter_(-1, targets, (features * own).sum(-1, keepdim=True))
