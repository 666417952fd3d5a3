"""AdaCos: normalized softmax that sets its own scale."""

import math

import torch
from torch import Tensor, nn

from sweeper.losses.cosine import cosine_similarity
from sweeper.losses.cross_entropy import mean_cross_entropy
from sweeper.losses.init import check_sizes, class_parameter
from sweeper.losses.per_member import PerMember, check_hyperparameter, per_member
from sweeper.losses.target import target_scores
from sweeper.losses.tensors import at_least_float32, expand_labels

#: Bounds of the scale. The paper assumes that different classes are nearly orthogonal, so that
#: B_avg stays near C - 1. Otherwise its update becomes negative (few classes, all opposite: B_avg <
#: 1) or grows without bound by up to √2 per step (collapsed embeddings, or fewer than about 4 log(C
#: - 1) dimensions). From the lower bound, the next update starts again at log(C - 1). The upper
#: bound is above any scale used in practice and leaves float16 room for the gradient.
SMALLEST, LARGEST = 2.0**-10, 2.0**10


def fixed_adacos_scale(num_classes: int) -> float:
    """Return the fixed scale √2 log(C - 1) of C classes (Zhang et al. 2019, section 4.1).

    Raises:
        ValueError: there are fewer than three classes; for two the scale would be 0.
    """
    _check_classes(num_classes)
    return math.sqrt(2.0) * math.log(num_classes - 1)


@torch.no_grad()
def adacos_scale(cosine: Tensor, labels: Tensor, scale: PerMember) -> Tensor:
    """Return the dynamic scale ``s_t = log(B_avg) / cos(min(π/4, θ_med))`` of a batch.

    B_avg is the batch mean of ``Σ_{k≠y} exp(s_{t-1} cos θ_k)`` and θ_med the median of the angles
    θ_y, for even B the mean of the middle two (Zhang et al. 2019, section 4.2). No gradient flows.
    The logarithm is computed with logsumexp, because the exponentials overflow float32 from s = 89
    on. The result is clamped to [`SMALLEST`, `LARGEST`]. A batch with a NaN leaves the scale
    unchanged; otherwise the scale would stay NaN forever.

    Args:
        cosine: cosines of the angles θ, ``[.., B, C]``; half precision is computed in float32.
        labels: ``[B]`` or ``[.., B]``, class numbers.
        scale: s_{t-1}, positive; a number or a tensor ``[..]``, one value per member.

    Returns:
        The scales ``[..]``, float32 or float64.

    Raises:
        ValueError: the shapes do not match, the batch is empty, there are fewer than three classes,
            a number is out of range, or, on the CPU, a label is out of range.
    """
    cosine = at_least_float32(cosine)
    targets = expand_labels(labels, cosine).unsqueeze(-1)
    _check_classes(cosine.shape[-1])
    check_hyperparameter("scale", scale, cosine.shape[:-2], positive=True)
    samples = cosine.shape[-2]
    if samples < 1:
        raise ValueError("an empty batch has no AdaCos scale")
    theta = target_scores(cosine, targets).squeeze(-1).clamp(-1.0, 1.0).acos()
    non_targets = (per_member(scale, cosine, 2) * cosine).scatter(-1, targets, -math.inf)
    log_b = non_targets.flatten(-2).logsumexp(-1) - math.log(samples)
    ordered = theta.sort(-1).values
    median = (ordered[..., (samples - 1) // 2] + ordered[..., samples // 2]) / 2
    updated = log_b / median.clamp(max=math.pi / 4).cos()
    previous = scale.to(cosine) if isinstance(scale, Tensor) else scale
    # `clamp` bounds an infinity but passes a NaN through, so NaN needs a case of its own.
    return torch.where(updated.isnan(), previous, updated).clamp(SMALLEST, LARGEST)


class AdaCosLoss(nn.Module):
    """Cross-entropy of the logits ``s cos θ_j``, with s set from the classes and the batches.

    Zhang et al. 2019, 'AdaCos', section 4. The dynamic scale suits embeddings of more than about 4
    log(C - 1) dimensions. With fewer, for example two, it runs to its upper bound early on.

    Args:
        num_classes: C, at least 3.
        embedding_size: d.
        dynamic: whether to update the scale in training mode by `adacos_scale`, before the batch's
            loss is computed; False keeps the initial scale √2 log(C - 1).
        members: K for an array of K members; None for a single member.

    Attributes:
        weight: ``[C, d]``, or ``[K, C, d]`` for an array.
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
            features: ``[B, d]``, or ``[K, B, d]`` for an array.
            labels: ``[B]`` or ``[K, B]``, class numbers.

        Raises:
            ValueError: the shapes do not match, or, on the CPU, a label is out of range.
        """
        cosine = cosine_similarity(features, self.weight)
        if self.dynamic and self.training:
            self.scale.copy_(adacos_scale(cosine, labels, self.scale))
        return mean_cross_entropy(self._scaled(cosine), labels)

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits ``s cos θ`` ``[.., B, C]`` of features ``[.., B, d]``."""
        return self._scaled(cosine_similarity(features, self.weight))

    def _scaled(self, cosine: Tensor) -> Tensor:
        # Copy the scale: the next batch may overwrite it before this one's backward pass.
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
            f"AdaCos needs at least 3 classes, got {num_classes}: with two the scale is 0"
        )
