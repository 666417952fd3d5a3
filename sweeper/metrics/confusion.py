"""Which classes are taken for which others."""

from torch import Tensor

from sweeper.metrics.tensors import are_finite, check_samples, nan_where_not_finite


def confusion_matrix(logits: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return how many samples of each class are classified as each class.

    Whole numbers know no nan: a member with a logit that is not finite counts no sample, so its
    matrix is all zeros and does not sum to N.

    Args:
        logits: ``[.., N, C]``, without margin; the first of equal largest ones is the prediction.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Counts ``[.., C, C]``, int64: rows the true class, columns the predicted one.

    Raises:
        ValueError: the shapes do not fit, or a label has no class.
    """
    check_samples(logits, labels, num_classes)
    if logits.shape[-1] != num_classes:
        raise ValueError(f"{num_classes} classes need as many logits, got {logits.shape[-1]}")
    cells = labels.long() * num_classes + logits.argmax(-1)
    counted = are_finite(logits).unsqueeze(-1).expand(cells.shape).long()
    counts = counted.new_zeros(*cells.shape[:-1], num_classes**2)
    counts.scatter_add_(-1, cells, counted)
    return counts.view(*cells.shape[:-1], num_classes, num_classes)


def class_precision(logits: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the share of the samples classified as each class that are of it.

    Args:
        logits: ``[.., N, C]``, without margin.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Shares ``[.., C]`` from 0 to 1, nan for a class never predicted.

    Raises:
        ValueError: the shapes do not fit, or a label has no class.
    """
    counts = confusion_matrix(logits, labels, num_classes)
    shares = counts.diagonal(dim1=-2, dim2=-1) / counts.sum(-2)
    return nan_where_not_finite(shares, logits)
