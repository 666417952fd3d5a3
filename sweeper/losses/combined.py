"""The combined margin loss, of which CosFace, ArcFace and SphereFace are special cases."""

import torch
from torch import Tensor

from sweeper.losses.cross_entropy import mean_cross_entropy
from sweeper.losses.half_products import half_cosine, pays_off
from sweeper.losses.init import check_sizes
from sweeper.losses.learned_scale import WithScale
from sweeper.losses.margin_logits import POSITIVE, combined_margin_logits
from sweeper.losses.per_member import PerMember, check_angle, per_member, register_hyperparameters
from sweeper.losses.subcenters import nearest_cosine, subcenter_parameter
from sweeper.losses.warmup import has_warmup, warmed_up


class CombinedMarginLoss(WithScale):
    """Cross-entropy of `combined_margin_logits` between features and learned class weights.

    (m1, m2, m3) = (1, 0, 0) is the normalized softmax. If a margin, the scale or the warm-up is a
    tensor ``[K]``, the module is an array of K members, each with its own weights.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        m1: factor of the angle, positive; a number or a tensor ``[K]``.
        m2: added to the angle, in radians from -π to π; likewise.
        m3: subtracted from the cosine; likewise.
        scale: s, positive; likewise.
        monotone: whether to keep the cosine decreasing beyond π; False for the plain cosine.
        subcenters: S, the number of weights per class, of which the nearest counts (Deng et al.
            2020, 'Sub-center ArcFace', section 3).
        learn_scale: whether to learn log s, starting from `scale` (Wang et al. 2017 learn s,
            Radford et al. 2021 its logarithm). Exclude it from weight decay.
        warmup_steps: the number of training steps over which the margins rise linearly from none to
            full, 0 for no warm-up; a number or a tensor ``[K]``. A step is a call of `forward` in
            training mode; evaluation mode uses the full margins.

    Attributes:
        weight: ``[C, d]``, or ``[K, C, d]`` of an array; with S > 1 sub-centers ``[.., C, S, d]``.
        m1, m2, m3, scale: the given numbers (exact in any precision), or for an array buffers
            ``[K]`` of the given tensors' precision.
        log_scale: if the scale is learned, the parameter ``[]`` or ``[K]`` from which `scale` is
            computed.
        warmup_steps: like the margins; an array has this buffer only if there is a warm-up.
        step: the number of training steps so far, a buffer ``[]``, int64; None without a warm-up.
        rounds_products: whether `forward` may compute products in bfloat16, see
            `losses.half_products`; False unless set.

    Raises:
        ValueError: a size is too small, or margins, scale and warm-up are out of range or differ in
            shape.
    """

    m1: PerMember
    m2: PerMember
    m3: PerMember
    warmup_steps: PerMember
    step: Tensor | None
    rounds_products: bool = False

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        m1: PerMember = 1.0,
        m2: PerMember = 0.0,
        m3: PerMember = 0.0,
        scale: PerMember = 64.0,
        monotone: bool = True,
        *,
        subcenters: int = 1,
        learn_scale: bool = False,
        warmup_steps: PerMember = 0,
    ) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        hyperparameters = {"m1": m1, "m2": m2, "m3": m3, "scale": scale}
        if isinstance(warmup_steps, Tensor) or warmup_steps != 0:
            hyperparameters["warmup_steps"] = warmup_steps
        else:  # otherwise every array without a warm-up would carry a needless buffer
            self.warmup_steps = 0
        members = register_hyperparameters(
            self, hyperparameters, positive=POSITIVE, not_negative=("warmup_steps",)
        )
        check_angle("m2", m2)
        self.weight = subcenter_parameter(members, num_classes, subcenters, embedding_size)
        if learn_scale:
            self.learn_scale()
        step = torch.zeros((), dtype=torch.int64) if has_warmup(warmup_steps) else None
        self.register_buffer("step", step)
        self.monotone, self.subcenters = monotone, subcenters

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss over the batch, ``[]`` or ``[K]``.

        A call in training mode counts as one warm-up step, if there is a warm-up.

        Args:
            features: ``[B, d]``, or ``[K, B, d]`` for an array.
            labels: ``[B]`` or ``[K, B]``, class numbers.

        Raises:
            ValueError: the shapes do not match, or, on the CPU, a label is out of range.
        """
        cosine = self._cosine(features, labels)
        margins = self.m1, self.m2, self.m3
        warmup_step = self.step if self.training else None
        if warmup_step is not None:
            margins = warmed_up(warmup_step, self.warmup_steps, *margins, dtype=cosine.dtype)
        logits = combined_margin_logits(cosine, labels, *margins, self.scale, self.monotone)
        loss = mean_cross_entropy(logits, labels)
        if warmup_step is not None:  # only now: a rejected batch does not count as a step
            warmup_step += 1
        return loss

    def _cosine(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the cosines that are trained on, ``[.., B, C]``."""
        if (
            self.rounds_products
            and self.subcenters == 1
            and pays_off(features, self.weight, labels)
        ):
            return half_cosine(features, self.weight, labels)
        return nearest_cosine(features, self.weight, self.subcenters)

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits without margin, ``s cos θ`` ``[.., B, C]``, of ``[.., B, d]``."""
        cosine = nearest_cosine(features, self.weight, self.subcenters)
        return per_member(self.scale, cosine, 2) * cosine

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        embedding_size = self.weight.shape[-1]
        num_classes = self.weight.shape[-2 if self.subcenters == 1 else -3]
        values = {"m1": self.m1, "m2": self.m2, "m3": self.m3, "scale": self.scale}
        options: dict[str, object] = {"monotone": self.monotone}
        if self.subcenters > 1:
            options["subcenters"] = self.subcenters
        if "log_scale" in self._parameters:
            options["learn_scale"] = True
        if self.step is not None:
            values["warmup_steps"] = self.warmup_steps
        shown = (
            f"{name}={value.tolist() if isinstance(value, Tensor) else value}"
            for name, value in {**values, **options}.items()
        )
        return f"num_classes={num_classes}, embedding_size={embedding_size}, {', '.join(shown)}"
