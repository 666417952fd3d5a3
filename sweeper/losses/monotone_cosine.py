"""ψ: the cosine of an angle plus margins, extended to keep decreasing beyond π."""

import math

import torch
from torch import Tensor


def monotone_cosine(
    cosine: Tensor, m1: float | Tensor, m2: float | Tensor, monotone: bool = True
) -> Tensor:
    """Return ψ(φ) = (-1)^k cos φ - 2k, with φ = m1 θ + m2, k = max(0, ⌊φ/π⌋) and θ = acos(cosine).

    It equals the cosine for φ ≤ π and, for m2 ≥ 0, decreases over all θ from 0 to π: the extension
    of SphereFace (Liu et al. 2017, section 3.3), here for any m1 > 0 and any m2.

    The gradient with respect to the cosine is that of the formula, except that within √ε of θ = 0
    and π (ε is the machine epsilon) it keeps its value at that distance, so that it is finite even
    where the formula's is not. A cosine rounded beyond ±1 counts as ±1 and keeps its gradient.

    Args:
        cosine: any shape, float32 or float64.
        m1: factor of the angle, positive; broadcasts to the shape of `cosine`.
        m2: added to the angle, in radians; likewise.
        monotone: False for the plain cosine of φ.
    """
    theta = cosine.detach().clamp(-1.0, 1.0).acos()
    phi = m1 * theta + m2
    psi = phi.cos()
    if monotone:
        k = (phi / math.pi).floor().clamp(min=0.0)
        psi = (1.0 - 2.0 * (k % 2.0)) * psi - 2.0 * k
    # Adds exactly 0 and carries the gradient: acos itself has none at ±1.
    return psi + _slope(theta, m1, m2, monotone).detach() * (cosine - cosine.detach())


def _slope(theta: Tensor, m1: float | Tensor, m2: float | Tensor, monotone: bool) -> Tensor:
    """Return ∂ψ/∂cos θ = m1 (-1)^k sin φ / sin θ, with θ kept away from 0 and π."""
    # Both sines use the same clamped angle. Their quotient then takes its limit (1 for m1 = 1, m2 =
    # 0) where both vanish, and is large but finite where only the denominator does.
    smallest_angle = math.sqrt(torch.finfo(theta.dtype).eps)
    clamped = theta.clamp(smallest_angle, math.pi - smallest_angle)
    phi = m1 * clamped + m2
    sine = phi.sin()
    if monotone:  # (-1)^k sin φ = |sin φ|, without the jump of k where rounding crosses a multiple
        sine = torch.where(phi > 0.0, sine.abs(), sine)
    return m1 * sine / clamped.sin()
