"""The mean cross-entropy used by every classification loss."""

import torch
from torch import Tensor
from torch.nn import functional as F

from sweeper.losses.tensors import at_least_float32, expand_labels, label_error

#: PyTorch ignores the label -100 by default; here every label must be a class.
_IGNORE_NONE = torch.iinfo(torch.int64).min


def mean_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the cross-entropy averaged over the batch, one number per member.

    Args:
        logits: ``[.., B, C]``; half precision is computed in float32.
        labels: ``[B]`` or ``[.., B]``, class numbers.

    Returns:
        The losses ``[..]``.

    Raises:
        ValueError: the shapes do not match, or, on the CPU, a label is out of range.
    """
    targets = expand_labels(labels, logits).flatten()
    scores = at_least_float32(logits).flatten(end_dim=-2)
    try:
        losses = F.cross_entropy(scores, targets, reduction="none", ignore_index=_IGNORE_NONE)
    except IndexError as error:
        raise label_error(logits) from error
    return losses.view(logits.shape[:-1]).mean(-1)
