"""Accuracy, and recall per class."""

import torch
from torch import Tensor

from sweeper.metrics.tensors import check_samples, nan_where_not_finite


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the fraction of samples whose largest logit is that of their class.

    Args:
        logits: ``[.., N, C]``, without margin.
        labels: ``[N]``.

    Returns:
        Fractions ``[..]`` from 0 to 1.

    Raises:
        ValueError: the shapes do not match.
    """
    check_samples(logits, labels)
    correct = logits.argmax(-1) == labels
    return nan_where_not_finite(correct.sum(-1) / len(labels), logits)


def class_recall(logits: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the recall of each class: the fraction of its samples classified correctly.

    Args:
        logits: ``[.., N, C]``, without margin.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Fractions ``[.., C]`` from 0 to 1, nan for a class without samples.

    Raises:
        ValueError: the shapes do not match, or a label is out of range.
    """
    check_samples(logits, labels, num_classes)
    correct = (logits.argmax(-1) == labels).to(torch.get_default_dtype())
    sums = correct.new_zeros(*correct.shape[:-1], num_classes).index_add(-1, labels.long(), correct)
    return nan_where_not_finite(sums / labels.bincount(minlength=num_classes), logits)
