"""The logits with a combined margin, on which all margin losses are built."""

from torch import Tensor

from sweeper.losses.monotone_cosine import monotone_cosine
from sweeper.losses.per_member import PerMember, check_angle, check_hyperparameter, per_member
from sweeper.losses.target import target_scores
from sweeper.losses.tensors import at_least_float32, expand_labels

#: The hyperparameters that must be positive.
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

    The combined margin of Deng et al. 2019 (equation 4), with the cosine extended beyond π by ψ,
    see `sweeper.losses.monotone_cosine`. m2 and m3 may be negative. The gradient with respect to
    the cosine is finite everywhere; second derivatives are not those of the formula.

    Args:
        cosine: cosines of the angles θ, ``[.., B, C]``; half precision is computed in float32.
        labels: ``[B]`` or ``[.., B]``, class numbers.
        m1: factor of the angle, positive; a number or a tensor ``[..]``, one value per member.
        m2: added to the angle, in radians from -π to π; likewise.
        m3: subtracted from the cosine; likewise.
        scale: s, positive; likewise.
        monotone: whether to keep the cosine decreasing beyond π; False for the plain cosine of
            other libraries.

    Returns:
        The logits ``[.., B, C]``.

    Raises:
        ValueError: the shapes do not match, a number is out of range, or, on the CPU, a label is
            out of range. Values of tensors are not checked: reading them would wait for the GPU.
    """
    cosine = at_least_float32(cosine)
    targets = expand_labels(labels, cosine).unsqueeze(-1)
    for name, value in (("m1", m1), ("m2", m2), ("m3", m3), ("scale", scale)):
        check_hyperparameter(name, value, cosine.shape[:-2], positive=name in POSITIVE)
    check_angle("m2", m2)
    target_cosine = target_scores(cosine, targets)
    m1, m2, m3, scale = (per_member(value, cosine, 2) for value in (m1, m2, m3, scale))
    psi = monotone_cosine(target_cosine, m1, m2, monotone)
    return scale * cosine.scatter(-1, targets, psi - m3)
