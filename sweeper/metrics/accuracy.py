"""Accuracy, recall per class and their mean, and what a constant guess gets."""

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


def balanced_accuracy(logits: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the mean recall of the classes that have samples (Brodersen et al. 2010).

    A guess that ignores the input gets one over their number, however unequal the classes are.

    Args:
        logits: ``[.., N, C]``, without margin.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Fractions ``[..]`` from 0 to 1.

    Raises:
        ValueError: the shapes do not match, or a label is out of range.
    """
    return class_recall(logits, labels, num_classes).nanmean(-1)


def majority_baseline(labels: Tensor) -> Tensor:
    """Return the share of the largest class: the accuracy of naming it always.

    Args:
        labels: ``[N]``, at least one.
    """
    return labels.bincount().max() / len(labels)
