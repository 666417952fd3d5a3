"""The combined margin loss, of which CosFace, ArcFace and SphereFace are special cases."""

from torch import Tensor, nn

from sweeper.losses.cosine import cosine_similarity
from sweeper.losses.cross_entropy import mean_cross_entropy
from sweeper.losses.hyperparameters import Hyperparameter, check_hyperparameter, hold, per_member
from sweeper.losses.psi import continued_cosine
from sweeper.losses.tensors import at_least_float32, fitting_labels, label_error
from sweeper.losses.weight import check_sizes, class_parameter

#: What must be positive.
_POSITIVE = ("m1", "scale")


def combined_margin_logits(
    cosine: Tensor,
    labels: Tensor,
    m1: Hyperparameter = 1.0,
    m2: Hyperparameter = 0.0,
    m3: Hyperparameter = 0.0,
    scale: Hyperparameter = 64.0,
    monotone: bool = True,
) -> Tensor:
    """Return the logits ``s (ψ(m1 θ + m2) - m3)`` of the target and ``s cos θ`` of the others.

    The combined margin of Deng et al. 2019 (equation 4), its cosine continued past π by ψ, see
    `sweeper.losses.psi`. m2 and m3 may be negative. The gradient with respect to the cosine is
    finite everywhere; the second derivative is not that of the formula.

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
        check_hyperparameter(name, value, cosine.shape[:-2], positive=name in _POSITIVE)
    try:
        target_cosine = cosine.gather(-1, targets)
    except RuntimeError as error:
        if "out of bounds" not in str(error):
            raise
        raise label_error(cosine) from error
    m1, m2, m3, scale = (per_member(value, cosine, 2) for value in (m1, m2, m3, scale))
    psi = continued_cosine(target_cosine, m1, m2, monotone)
    return scale * cosine.scatter(-1, targets, psi - m3)


class CombinedMarginLoss(nn.Module):
    """Cross-entropy of `combined_margin_logits` between features and learned class weights.

    (m1, m2, m3) = (1, 0, 0) is the normalised softmax. Given a tensor ``[K]`` among margins and
    scale it is an array of K members, each with its own weights.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        m1: factor of the angle, positive; like the next three a number or a tensor ``[K]``.
        m2: added to the angle, in radians.
        m3: taken from the cosine.
        scale: s, positive.
        monotone: False for the literal cosine past π.

    Attributes:
        weight: ``[C, d]``, or ``[K, C, d]`` of an array.
        m1, m2, m3, scale: the numbers given (exact in any precision), or buffers ``[K]`` of an
            array, in the precision of the tensors given.

    Raises:
        ValueError: a size is too small, or margins and scale out of range or of different shapes.
    """

    m1: Hyperparameter
    m2: Hyperparameter
    m3: Hyperparameter
    scale: Hyperparameter

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        m1: Hyperparameter = 1.0,
        m2: Hyperparameter = 0.0,
        m3: Hyperparameter = 0.0,
        scale: Hyperparameter = 64.0,
        monotone: bool = True,
    ) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        given = {"m1": m1, "m2": m2, "m3": m3, "scale": scale}
        members = hold(self, given, positive=_POSITIVE)
        self.weight = class_parameter(embedding_size, *members, num_classes, embedding_size)
        self.monotone = monotone

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss over the batch, ``[]`` or ``[K]``.

        Args:
            features: ``[B, d]``, or ``[K, B, d]`` of an array.
            labels: ``[B]`` or ``[K, B]``, class numbers.

        Raises:
            ValueError: the shapes do not fit, or, on the CPU, a label has no class.
        """
        cosine = cosine_similarity(features, self.weight)
        logits = combined_margin_logits(
            cosine, labels, self.m1, self.m2, self.m3, self.scale, self.monotone
        )
        return mean_cross_entropy(logits, labels)

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits without margin, ``s cos θ`` ``[.., B, C]``, of ``[.., B, d]``."""
        cosine = cosine_similarity(features, self.weight)
        return per_member(self.scale, cosine, 2) * cosine

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        *_, num_classes, embedding_size = self.weight.shape
        margins = {"m1": self.m1, "m2": self.m2, "m3": self.m3, "scale": self.scale}
        shown = (
            f"{name}={value.tolist() if isinstance(value, Tensor) else value}"
            for name, value in margins.items()
        )
        sizes = f"num_classes={num_classes}, embedding_size={embedding_size}"
        return f"{sizes}, {', '.join(shown)}, monotone={self.monotone}"
