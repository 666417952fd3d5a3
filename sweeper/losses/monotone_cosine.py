"""ψ: the cosine of an angle with its margins, continued so that it goes on falling past π."""

import math

import torch
from torch import Tensor


def monotone_cosine(
    cosine: Tensor, m1: float | Tensor, m2: float | Tensor, monotone: bool = True
) -> Tensor:
    """Return ψ(φ) = (-1)^k cos φ - 2k, with φ = m1 θ + m2, k = max(0, ⌊φ/π⌋) and θ = acos(cosine).

    It is the plain cosine while φ ≤ π, and for m2 ≥ 0 falls all the way as θ grows to π: the
    continuation of SphereFace (Liu et al. 2017, section 3.3) for any m1 > 0 and any m2.

    The gradient with respect to the cosine is that of the formula, except that within √ε of 0 and
    π (ε of the precision) it stays what it is at that distance, and so is finite, also where the
    formula's is not. A cosine that rounding carried past ±1 counts as ±1, and keeps its gradient.

    Args:
        cosine: any shape, float32 or float64.
        m1: factor of the angle, positive; fits the shape of `cosine`, like the next.
        m2: added to the angle, in radians.
        monotone: False for the literal cosine of φ.
    """
    theta = cosine.detach().clamp(-1.0, 1.0).acos()
    phi = m1 * theta + m2
    psi = phi.cos()
    if monotone:
        k = (phi / math.pi).floor().clamp(min=0.0)
        psi = (1.0 - 2.0 * (k % 2.0)) * psi - 2.0 * k
    # Adds exactly 0, and is what the gradient flows through: acos itself has none at ±1.
    return psi + _slope(theta, m1, m2, monotone).detach() * (cosine - cosine.detach())


def _slope(theta: Tensor, m1: float | Tensor, m2: float | Tensor, monotone: bool) -> Tensor:
    """Return ∂ψ/∂cos θ = m1 (-1)^k sin φ / sin θ, the angle held away from 0 and π."""
    # Both sines see the same angle, so that their quotient has its limit (1 for m1 = 1, m2 = 0)
    # where they vanish together, and is large but finite where the margin keeps them apart.
    edge = math.sqrt(torch.finfo(theta.dtype).eps)
    inner = theta.clamp(edge, math.pi - edge)
    phi = m1 * inner + m2
    sine = phi.sin()
    if monotone:  # (-1)^k sin φ is |sin φ|, without k's jump when φ is rounded across a multiple
        sine = torch.where(phi > 0.0, sine.abs(), sine)
    return m1 * sine / inner.sin()
