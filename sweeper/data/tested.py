"""What a test reads: told apart by the content of its samples, whatever they are called."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from sweeper.data.dataset import Dataset
from sweeper.data.splits import Split

#: Two of a billion samples have the same digest of so many bytes with a probability of 3 %.
DIGEST = 8


def tested_fingerprint(dataset: Dataset, split: Split) -> str:
    """Return a SHA-256 over the samples that a test reads, as 64 hexadecimal digits.

    Neither their order, labels and names nor what is trained on count.
    """
    inputs = dataset.inputs
    shape = (len(split.tested()), *inputs.shape[1:])
    head = f"{inputs[:0].numpy().dtype}{shape};".encode()
    return hashlib.sha256(head + b"".join(_digests(dataset, split))).hexdigest()


def tested_digests(dataset: Dataset, split: Split) -> NDArray[np.uint64]:
    """Return a number for each distinct sample that a test reads, uint64 ``[n]``, ascending."""
    short = b"".join(digest[:DIGEST] for digest in _digests(dataset, split))
    return np.unique(np.frombuffer(short, dtype="<u8").astype(np.uint64))


def _digests(dataset: Dataset, split: Split) -> list[bytes]:
    samples = dataset.inputs[split.tested()].contiguous().numpy()
    return sorted(hashlib.sha256(sample.data.cast("B")).digest() for sample in samples)
