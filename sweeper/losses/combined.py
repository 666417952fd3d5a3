"""The combined margin loss, of which CosFace, ArcFace and SphereFace are special cases."""

import torch
from torch import Tensor

from sweeper.losses.cross_entropy import mean_cross_entropy
from sweeper.losses.init import check_sizes
from sweeper.losses.learned_scale import WithScale
from sweeper.losses.margin_logits import POSITIVE, combined_margin_logits
from sweeper.losses.per_member import PerMember, hold, per_member
from sweeper.losses.subcenters import nearest_cosine, subcenter_parameter
from sweeper.losses.warmup import has_warmup, warmed_up


class CombinedMarginLoss(WithScale):
    """Cross-entropy of `combined_margin_logits` between features and learned class weights.

    (m1, m2, m3) = (1, 0, 0) is the normalized softmax. Given a tensor ``[K]`` among margins, scale
    and warm-up it is an array of K members, each with its own weights.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        m1: factor of the angle, positive; like the next three a number or a tensor ``[K]``.
        m2: added to the angle, in radians.
        m3: taken from the cosine.
        scale: s, positive.
        monotone: False for the literal cosine past π.
        subcenters: S, weights a class, of which the nearest counts (Deng et al. 2020, 'Sub-center
            ArcFace', section 3).
        learn_scale: learns s, from `scale` on, through its logarithm (Wang et al. 2017 learn s,
            Radford et al. 2021 its logarithm). An optimizer should not decay it.
        warmup_steps: over how many training steps the margins rise linearly from none to full, 0
            for none; a number or a tensor ``[K]``. A step is a call of `forward` in training mode;
            in evaluation mode the margins are full.

    Attributes:
        weight: ``[C, d]``, or ``[K, C, d]`` of an array; with S > 1 sub-centers ``[.., C, S, d]``.
        m1, m2, m3, scale: the numbers given (exact in any precision), or buffers ``[K]`` of an
            array, in the precision of the tensors given.
        log_scale: the parameter ``[]`` or ``[K]`` if the scale is learned; `scale` is then a tensor
            computed from it.
        warmup_steps: like the margins; of an array a buffer only if it was given.
        step: the training steps so far, a buffer ``[]``, int64; only where there is a warm-up.

    Raises:
        ValueError: a size is too small, or margins, scale and warm-up out of range or of different
            shapes.
    """

    m1: PerMember
    m2: PerMember
    m3: PerMember
    warmup_steps: PerMember
    step: Tensor | None

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
        given = {"m1": m1, "m2": m2, "m3": m3, "scale": scale}
        if isinstance(warmup_steps, Tensor) or warmup_steps != 0:
            given["warmup_steps"] = warmup_steps
        else:  # no buffer that every array without a warm-up would carry along
            self.warmup_steps = 0
        members = hold(self, given, positive=POSITIVE, not_negative=("warmup_steps",))
        self.weight = subcenter_parameter(members, num_classes, subcenters, embedding_size)
        if learn_scale:
            self.learn_scale()
        count = torch.zeros((), dtype=torch.int64) if has_warmup(warmup_steps) else None
        self.register_buffer("step", count)
        self.monotone, self.subcenters = monotone, subcenters

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss over the batch, ``[]`` or ``[K]``.

        In training mode it counts as a step of the warm-up, if there is one.

        Args:
            features: ``[B, d]``, or ``[K, B, d]`` of an array.
            labels: ``[B]`` or ``[K, B]``, class numbers.

        Raises:
            ValueError: the shapes do not fit, or, on the CPU, a label has no class.
        """
        cosine = nearest_cosine(features, self.weight, self.subcenters)
        margins = self.m1, self.m2, self.m3
        warming = self.step if self.training else None
        if warming is not None:
            margins = warmed_up(warming, self.warmup_steps, *margins, dtype=cosine.dtype)
        logits = combined_margin_logits(cosine, labels, *margins, self.scale, self.monotone)
        loss = mean_cross_entropy(logits, labels)
        if warming is not None:  # only now: a batch that was refused is no step
            warming += 1
        return loss

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
