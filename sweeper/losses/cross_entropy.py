"""The cross-entropy that every classification loss ends in."""

import torch
from torch import Tensor
from torch.nn import functional as F

from sweeper.losses.tensors import at_least_float32, fitting_labels, label_error

#: PyTorch leaves the label -100 out of the mean; here every sample has a class.
_NO_LABEL = torch.iinfo(torch.int64).min


def mean_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the cross-entropy averaged over the batch, one number a member.

    Args:
        logits: ``[.., B, C]``; half precision is computed in float32.
        labels: ``[B]`` or ``[.., B]``, class numbers.

    Returns:
        The losses ``[..]``.

    Raises:
        ValueError: the shapes do not fit, or, on the CPU, a label has no class.
    """
    targets = fitting_labels(labels, logits).flatten()
    scores = at_least_float32(logits).flatten(end_dim=-2)
    try:
        losses = F.cross_entropy(scores, targets, reduction="none", ignore_index=_NO_LABEL)
    except IndexError as error:
        raise label_error(logits) from error
    return losses.view(logits.shape[:-1]).mean(-1)
