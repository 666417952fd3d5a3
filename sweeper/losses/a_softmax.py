"""A-Softmax: SphereFace as published, scaled by the feature norm and with an annealed margin."""

import torch
from torch import Tensor, nn

from sweeper.losses.cosine import cosine_similarity
from sweeper.losses.cross_entropy import mean_cross_entropy
from sweeper.losses.init import check_sizes, class_parameter
from sweeper.losses.monotone_cosine import monotone_cosine
from sweeper.losses.per_member import (
    PerMember,
    check_hyperparameter,
    per_member,
    register_hyperparameters,
)
from sweeper.losses.target import target_scores
from sweeper.losses.tensors import at_least_float32, check_leading, expand_labels


def a_softmax_logits(
    cosine: Tensor, length: Tensor, labels: Tensor, m1: PerMember, lam: PerMember
) -> Tensor:
    """Return ``‖x‖ (λ cos θ + ψ(m1 θ)) / (1 + λ)`` of the target, ``‖x‖ cos θ`` of the others.

    Liu et al. 2017, 'SphereFace', equation 7, with the annealing of the authors' code. ψ is
    extended to any m1 > 0, see `sweeper.losses.monotone_cosine`.

    Args:
        cosine: cosines of the angles θ, ``[.., B, C]``; half precision is computed in float32.
        length: ‖x‖ of the features, ``[B]`` or ``[.., B]``.
        labels: ``[B]`` or ``[.., B]``, class numbers.
        m1: factor of the angle, positive; a number or a tensor ``[..]``, one value per member.
        lam: λ, not negative, 0 for the full margin; a number or a tensor likewise.

    Returns:
        The logits ``[.., B, C]``.

    Raises:
        ValueError: the shapes do not match, a number is out of range, or, on the CPU, a label is
            out of range. Values of tensors are not checked: reading them would wait for the GPU.
    """
    cosine = at_least_float32(cosine)
    targets = expand_labels(labels, cosine).unsqueeze(-1)
    check_leading(length.shape, cosine.shape[:-1], "length")
    check_hyperparameter("m1", m1, cosine.shape[:-2], positive=True)
    check_hyperparameter("lam", lam, cosine.shape[:-2], not_negative=True)
    m1, lam = (per_member(value, cosine, 2) for value in (m1, lam))
    target_cosine = target_scores(cosine, targets)
    psi = monotone_cosine(target_cosine, m1, 0.0)
    annealed = (lam * target_cosine + psi) / (1.0 + lam)
    return length.to(cosine).unsqueeze(-1) * cosine.scatter(-1, targets, annealed)


class ASoftmaxLoss(nn.Module):
    """Cross-entropy of `a_softmax_logits` between features and learned class weights.

    SphereFace as published (Liu et al. 2017): class weights are normalized and have no bias, and
    the feature norm is the scale. λ decays as in the authors' code, ``λ_t = max(anneal_to,
    anneal_from / (1 + anneal_rate t))``, where t counts the calls of `forward` in training mode,
    from 0. `SphereFaceLoss` has a fixed scale and no annealing.

    If any hyperparameter is a tensor ``[K]``, the module is an array of K members, each with its
    own weights.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        margin: m, positive, 1 for none; a number or a tensor ``[K]``.
        anneal_from: λ at step 0, not negative.
        anneal_rate: decay rate of λ per step, not negative.
        anneal_to: the smallest λ, not negative; 0 to end with the full margin.

    Attributes:
        weight: ``[C, d]``, or ``[K, C, d]`` for an array.
        margin, anneal_from, anneal_rate, anneal_to: the given numbers, or buffers ``[K]``.
        step: number of training steps so far, a buffer ``[]``, int64.

    Raises:
        ValueError: a size is too small, or a hyperparameter has the wrong shape or is out of range.
    """

    margin: PerMember
    anneal_from: PerMember
    anneal_rate: PerMember
    anneal_to: PerMember
    step: Tensor

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        margin: PerMember = 4.0,
        anneal_from: PerMember = 1000.0,
        anneal_rate: PerMember = 0.12,
        anneal_to: PerMember = 5.0,
    ) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        annealing = {
            "anneal_from": anneal_from,
            "anneal_rate": anneal_rate,
            "anneal_to": anneal_to,
        }
        hyperparameters = {"margin": margin, **annealing}
        members = register_hyperparameters(
            self, hyperparameters, positive=("margin",), not_negative=annealing
        )
        self.weight = class_parameter(embedding_size, *members, num_classes, embedding_size)
        self.register_buffer("step", torch.zeros((), dtype=torch.int64))

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss over the batch, ``[]`` or ``[K]``.

        A call in training mode counts as one annealing step.

        Args:
            features: ``[B, d]``, or ``[K, B, d]`` for an array.
            labels: ``[B]`` or ``[K, B]``, class numbers.

        Raises:
            ValueError: the shapes do not match, or, on the CPU, a label is out of range.
        """
        cosine = cosine_similarity(features, self.weight)
        lam = self._current_lambda(cosine.dtype)
        logits = a_softmax_logits(cosine, _norm(features), labels, self.margin, lam)
        loss = mean_cross_entropy(logits, labels)
        if self.training:  # only now: a rejected batch does not count as a step
            self.step += 1
        return loss

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits without margin, ``‖x‖ cos θ`` ``[.., B, C]``, of ``[.., B, d]``."""
        cosine = cosine_similarity(features, self.weight)
        return _norm(features).unsqueeze(-1) * cosine

    def _current_lambda(self, dtype: torch.dtype) -> Tensor:
        """Return λ_t, ``[]`` or ``[K]``, without copying the step to the CPU."""
        start, rate, lowest = (
            value.to(dtype) if isinstance(value, Tensor) else value
            for value in (self.anneal_from, self.anneal_rate, self.anneal_to)
        )
        annealed: Tensor = start / (1.0 + rate * self.step.to(dtype))
        return annealed.clamp(min=lowest)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        *_, num_classes, embedding_size = self.weight.shape
        names = ("margin", "anneal_from", "anneal_rate", "anneal_to")
        values = {name: getattr(self, name) for name in names}
        shown = (
            f"{name}={value.tolist() if isinstance(value, Tensor) else value}"
            for name, value in values.items()
        )
        return f"num_classes={num_classes}, embedding_size={embedding_size}, {', '.join(shown)}"


def _norm(features: Tensor) -> Tensor:
    """Return ‖x‖ in at least float32, also under autocast. A zero vector has gradient 0."""
    with torch.autocast(features.device.type, enabled=False):
        length: Tensor = torch.linalg.vector_norm(at_least_float32(features), dim=-1)
    return length
