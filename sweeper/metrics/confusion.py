"""The confusion matrix, and precision per class."""

from torch import Tensor

from sweeper.metrics.tensors import are_finite, check_samples, nan_where_not_finite


def confusion_matrix(logits: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the number of samples of each class predicted as each class.

    Integers have no nan: for a member with a logit that is not finite, the matrix is all zeros and
    does not sum to N.

    Args:
        logits: ``[.., N, C]``, without margin; the first of equally large ones is the prediction.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Counts ``[.., C, C]``, int64: rows the true class, columns the predicted one.

    Raises:
        ValueError: the shapes do not match, or a label is out of range.
    """
    check_samples(logits, labels, num_classes)
    if logits.shape[-1] != num_classes:
        raise ValueError(f"got {logits.shape[-1]} logits for {num_classes} classes; need one each")
    cell_indices = labels.long() * num_classes + logits.argmax(-1)
    counted = are_finite(logits).unsqueeze(-1).expand(cell_indices.shape).long()
    counts = counted.new_zeros(*cell_indices.shape[:-1], num_classes**2)
    counts.scatter_add_(-1, cell_indices, counted)
    return counts.view(*cell_indices.shape[:-1], num_classes, num_classes)


def class_precision(logits: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the precision of each class: the fraction of its predictions that are correct.

    Args:
        logits: ``[.., N, C]``, without margin.
        labels: ``[N]``.
        num_classes: C.

    Returns:
        Fractions ``[.., C]`` from 0 to 1, nan for a class never predicted.

    Raises:
        ValueError: the shapes do not match, or a label is out of range.
    """
    counts = confusion_matrix(logits, labels, num_classes)
    precision = counts.diagonal(dim1=-2, dim2=-1) / counts.sum(-2)
    return nan_where_not_finite(precision, logits)
