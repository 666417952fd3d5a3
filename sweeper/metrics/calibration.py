"""Calibration: whether the confidence of a net matches its accuracy."""

import torch
from torch import Tensor

from sweeper.metrics.tensors import at_least_float32, check_samples, nan_where_not_finite

#: Number of samples per block, over all members, which avoids a copy of all logits.
_BLOCK = 4096


def expected_calibration_error(logits: Tensor, labels: Tensor, bins: int = 15) -> Tensor:
    """Return ``ECE = Σ_m |B_m| / N · |acc(B_m) - conf(B_m)|`` (Guo et al. 2017, equation 3).

    A sample's confidence is its largest softmax probability. ``B_m`` holds the samples whose
    confidence lies in ``((m - 1) / M, m / M]``, for m from 1 to the number of bins M; acc is their
    accuracy, conf their mean confidence. Empty bins add nothing.

    Args:
        logits: ``[.., N, C]``, without margin, with their scale, on which the error depends.
        labels: ``[N]``.
        bins: M, the number of bins of equal width.

    Returns:
        Errors ``[..]`` from 0 to 1, in at least float32.

    Raises:
        ValueError: the shapes do not match, or `bins` is less than 1.
    """
    check_samples(logits, labels)
    if bins < 1:
        raise ValueError(f"calibration needs at least one bin, got {bins}")
    confidence = _confidence(logits)
    edges = torch.arange(1, bins, device=logits.device, dtype=confidence.dtype) / bins
    # A bin's |B| · |acc - conf| is the absolute sum of its differences. Summed in float64, so that
    # rounding hides the varying order of summation on a GPU.
    gaps = (logits.argmax(-1) == labels).double() - confidence
    sums = gaps.new_zeros(*gaps.shape[:-1], bins)
    sums.scatter_add_(-1, torch.bucketize(confidence, edges), gaps)
    error = sums.abs().sum(-1) / len(labels)
    return nan_where_not_finite(error.to(confidence.dtype), logits)


def mean_confidence(logits: Tensor) -> Tensor:
    """Return the mean over samples of the largest softmax probability.

    Args:
        logits: ``[.., N, C]``, without margin, with their scale.

    Returns:
        Confidences ``[..]`` from 1 / C to 1, in at least float32.

    Raises:
        ValueError: there are no samples.
    """
    if logits.dim() < 2 or not logits.shape[-2]:
        raise ValueError(f"logits of shape {tuple(logits.shape)} are not one row per sample")
    confidence = _confidence(logits)
    mean = confidence.mean(-1, dtype=torch.float64).to(confidence.dtype)
    return nan_where_not_finite(mean, logits)


def _confidence(logits: Tensor) -> Tensor:
    """Return the largest softmax probability ``[.., N]`` of each sample."""
    members = logits.shape[:-2].numel()
    blocks = logits.split(max(1, _BLOCK // max(1, members)), dim=-2)
    return torch.cat([at_least_float32(block).softmax(-1).amax(-1) for block in blocks], dim=-1)
