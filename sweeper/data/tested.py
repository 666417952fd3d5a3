"""Which samples a test reads, and their fingerprint."""

import hashlib

import torch
from torch import Tensor

from sweeper.data.dataset import Dataset
from sweeper.data.splits import Split


def tested_positions(split: Split) -> Tensor:
    """Return the positions of all samples that a test reads, int64 ``[n]``, ascending."""
    every = split.folds or (split,)
    parts = [part for each in every for part in (each.test, each.held_out_test)]
    positions: Tensor = torch.cat(parts).unique()
    return positions


def tested_fingerprint(dataset: Dataset, split: Split) -> str:
    """Return a SHA-256 over the samples that a test reads, as 64 hexadecimal digits.

    Neither their order nor labels, names or what is trained on count: two data sets with the same
    test part have the same one.
    """
    samples = dataset.inputs[tested_positions(split)].contiguous().numpy()
    head = f"{samples.dtype}{samples.shape};".encode()
    digests = sorted(hashlib.sha256(sample.data.cast("B")).digest() for sample in samples)
    return hashlib.sha256(head + b"".join(digests)).hexdigest()
