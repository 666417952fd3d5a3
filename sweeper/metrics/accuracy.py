"""How many samples are classified rightly."""

import torch
from torch import Tensor

from sweeper.metrics.tensors import check_samples, nan_where_not_finite


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the share of samples whose largest logit is their class's.

    Args:
        logits: ``[.., N, C]``, without margin.
        labels: ``[N]``.

    Returns:
        Shares ``[..]`` from 0 to 1.

    Raises:
        ValueError: the shapes do not fit.
    """
    check_samples(logits, labels)
    right = logits.argmax(-1) == labels
    return nan_where_not_finite(right.sum(-1) / len(labels), logits)


def class_recall(logits: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the share of each class's samples that are classified rightly.

    Args:
        logits: ``[.., N, C]``, without margin.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Shares ``[.., C]`` from 0 to 1, nan for a class without samples.

    Raises:
        ValueError: the shapes do not fit, or a label has no class.
    """
    check_samples(logits, labels, num_classes)
    right = (logits.argmax(-1) == labels).to(torch.get_default_dtype())
    sums = right.new_zeros(*right.shape[:-1], num_classes).index_add(-1, labels.long(), right)
    return nan_where_not_finite(sums / labels.bincount(minlength=num_classes), logits)
