"""The logits of the combined margin, the one function behind all margin losses."""

from torch import Tensor

from sweeper.losses.monotone_cosine import monotone_cosine
from sweeper.losses.per_member import PerMember, check_hyperparameter, per_member
from sweeper.losses.target import at_target
from sweeper.losses.tensors import at_least_float32, fitting_labels

#: What must be positive.
POSITIVE = ("m1", "scale")


def combined_margin_logits(
    cosine: Tensor,
    labels: Tensor,
    m1: PerMember = 1.0,
    m2: PerMember = 0.0,
    m3: PerMember = 0.0,
    scale: PerMember = 64.0,
    monotone: bool = True,
) -> Tensor:
    """Return the logits ``s (ψ(m1 θ + m2) - m3)`` of the target and ``s cos θ`` of the others.

    The combined margin of Deng et al. 2019 (equation 4), its cosine continued past π by ψ, see
    `sweeper.losses.monotone_cosine`. m2 and m3 may be negative. The gradient with respect to the
    cosine is finite everywhere; the second derivative is not that of the formula.

    Args:
        cosine: cosines of the angles θ, ``[.., B, C]``; half precision is computed in float32.
        labels: ``[B]`` or ``[.., B]``, class numbers.
        m1: factor of the angle, positive; like the next three a number or a tensor ``[..]``, one
            value a member.
        m2: added to the angle, in radians.
        m3: taken from the cosine.
        scale: s, positive.
        monotone: False for the literal cosine past π, as other libraries have it.

    Returns:
        The logits ``[.., B, C]``.

    Raises:
        ValueError: the shapes do not fit, a number is out of range, or, on the CPU, a label has no
            class. The values of tensors are not looked at, since that would wait for the GPU.
    """
    cosine = at_least_float32(cosine)
    targets = fitting_labels(labels, cosine).unsqueeze(-1)
    for name, value in (("m1", m1), ("m2", m2), ("m3", m3), ("scale", scale)):
        check_hyperparameter(name, value, cosine.shape[:-2], positive=name in POSITIVE)
    target_cosine = at_target(cosine, targets)
    m1, m2, m3, scale = (per_member(value, cosine, 2) for value in (m1, m2, m3, scale))
    psi = monotone_cosine(target_cosine, m1, m2, monotone)
    return scale * cosine.scatter(-1, targets, psi - m3)
