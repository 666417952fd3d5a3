"""AdaCos: normalized softmax that sets its own scale."""

import math

import torch
from torch import Tensor, nn

from sweeper.losses.cosine import cosine_similarity
from sweeper.losses.cross_entropy import mean_cross_entropy
from sweeper.losses.init import check_sizes, class_parameter
from sweeper.losses.per_member import PerMember, check_hyperparameter, per_member
from sweeper.losses.target import at_target
from sweeper.losses.tensors import at_least_float32, fitting_labels

#: The scale is kept within these. The paper takes other classes to be about orthogonal, so that
#: B_avg stays near C - 1. Where they are not, its update leaves the positive numbers (few classes,
#: all opposite: B_avg < 1) or grows by up to √2 a step without end (embeddings that collapsed, or
#: fewer than about 4 log(C - 1) dimensions). At the lower end the next update starts again from
#: log(C - 1); the upper is beyond any scale in use, and leaves float16 room for the gradient.
SMALLEST, LARGEST = 2.0**-10, 2.0**10


def fixed_adacos_scale(num_classes: int) -> float:
    """Return the fixed scale √2 log(C - 1) of C classes (Zhang et al. 2019, section 4.1).

    Raises:
        ValueError: there are fewer than three classes, for which it would be 0.
    """
    _check_classes(num_classes)
    return math.sqrt(2.0) * math.log(num_classes - 1)


@torch.no_grad()
def adacos_scale(cosine: Tensor, labels: Tensor, scale: PerMember) -> Tensor:
    """Return the dynamic scale ``s_t = log(B_avg) / cos(min(π/4, θ_med))`` of a batch.

    B_avg is the batch's mean of ``Σ_{k≠y} exp(s_{t-1} cos θ_k)`` and θ_med the median of its
    angles θ_y, the mean of the middle two if B is even (Zhang et al. 2019, section 4.2). Without a
    gradient. The logarithm is taken without the exponentials themselves, which float32 cannot hold
    from s = 89 on. Never below `SMALLEST` or above `LARGEST`; a batch with a NaN leaves the scale
    as it was, which would else stay a NaN for good.

    Args:
        cosine: cosines of the angles θ, ``[.., B, C]``; half precision is computed in float32.
        labels: ``[B]`` or ``[.., B]``, class numbers.
        scale: s_{t-1}, positive; a number or a tensor ``[..]``, one value a member.

    Returns:
        The scales ``[..]``, float32 or float64.

    Raises:
        ValueError: the shapes do not fit, there is no sample, there are fewer than three classes, a
            number is out of range, or, on the CPU, a label has no class.
    """
    cosine = at_least_float32(cosine)
    targets = fitting_labels(labels, cosine).unsqueeze(-1)
    _check_classes(cosine.shape[-1])
    check_hyperparameter("scale", scale, cosine.shape[:-2], positive=True)
    samples = cosine.shape[-2]
    if samples < 1:
        raise ValueError("a batch without a sample has no AdaCos scale")
    theta = at_target(cosine, targets).squeeze(-1).clamp(-1.0, 1.0).acos()
    others = (per_member(scale, cosine, 2) * cosine).scatter(-1, targets, -math.inf)
    log_b = others.flatten(-2).logsumexp(-1) - math.log(samples)
    ordered = theta.sort(-1).values
    median = (ordered[..., (samples - 1) // 2] + ordered[..., samples // 2]) / 2
    new = log_b / median.clamp(max=math.pi / 4).cos()
    held = scale.to(cosine) if isinstance(scale, Tensor) else scale
    # An infinity has a sign and is clamped; a NaN is not, since clamping leaves it one.
    return torch.where(new.isnan(), held, new).clamp(SMALLEST, LARGEST)


class AdaCosLoss(nn.Module):
    """Cross-entropy of the logits ``s cos θ_j``, s set from the classes and the batches.

    Zhang et al. 2019, 'AdaCos', section 4. The dynamic scale suits embeddings of more than about
    4 log(C - 1) dimensions: below that, of two say, it runs to its upper limit at the start.

    Args:
        num_classes: C, at least 3.
        embedding_size: d.
        dynamic: updates the scale in training mode by `adacos_scale`, before the loss of the batch
            is computed; False for the fixed scale √2 log(C - 1), which is also the start.
        members: K for an array of K members; None for a single one.

    Attributes:
        weight: ``[C, d]``, or ``[K, C, d]`` of an array.
        scale: a buffer ``[]`` or ``[K]``.

    Raises:
        ValueError: a size is too small.
    """

    scale: Tensor

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        dynamic: bool = True,
        members: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        start = fixed_adacos_scale(num_classes)
        if members is not None and members < 1:
            raise ValueError(f"members must be at least 1, got {members}")
        leading = () if members is None else (members,)
        self.weight = class_parameter(embedding_size, *leading, num_classes, embedding_size)
        self.register_buffer("scale", torch.full(leading, start))
        self.dynamic = dynamic

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss over the batch, ``[]`` or ``[K]``.

        Args:
            features: ``[B, d]``, or ``[K, B, d]`` of an array.
            labels: ``[B]`` or ``[K, B]``, class numbers.

        Raises:
            ValueError: the shapes do not fit, or, on the CPU, a label has no class.
        """
        cosine = cosine_similarity(features, self.weight)
        if self.dynamic and self.training:
            self.scale.copy_(adacos_scale(cosine, labels, self.scale))
        return mean_cross_entropy(self._scaled(cosine), labels)

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits ``s cos θ`` ``[.., B, C]`` of features ``[.., B, d]``."""
        return self._scaled(cosine_similarity(features, self.weight))

    def _scaled(self, cosine: Tensor) -> Tensor:
        # A copy of the scale: the next batch overwrites it, perhaps before this one's backward.
        return per_member(self.scale.clone(), cosine, 2) * cosine

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        *members, num_classes, embedding_size = self.weight.shape
        shape = f"num_classes={num_classes}, embedding_size={embedding_size}"
        shown = f"{shape}, dynamic={self.dynamic}"
        return f"{shown}, members={members[0]}" if members else shown


def _check_classes(num_classes: int) -> None:
    if num_classes < 3:
        raise ValueError(
            f"AdaCos needs at least 3 classes, got {num_classes}: its scale of two is 0"
        )
