"""What a test reads: told apart by the content of its samples, whatever they are called."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sweeper.data.dataset import Dataset
from sweeper.data.splits import Split

#: Two of a billion samples have the same digest of so many bytes with a probability of 3 %.
_BYTES = 8


def tested_fingerprint(dataset: Dataset, split: Split) -> str:
    """Return a SHA-256 over the samples that a test reads, as 64 hexadecimal digits.

    Neither their order, labels and names nor what is trained on count.
    """
    inputs = dataset.inputs
    shape = (len(split.tested()), *inputs.shape[1:])
    head = f"{inputs[:0].numpy().dtype}{shape};".encode()
    return hashlib.sha256(head + b"".join(_digests(dataset, split.tested().tolist()))).hexdigest()


def tested_digests(dataset: Dataset, split: Split) -> NDArray[np.uint64]:
    """Return a number for each distinct sample that a test reads, uint64 ``[n]``, ascending.

    Samples of a single value are left out: blank images of two sources are no shared data.
    """
    varied = [i for i in split.tested().tolist() if len(dataset.inputs[i].unique()) > 1]
    short = b"".join(digest[:_BYTES] for digest in _digests(dataset, varied))
    return np.unique(np.frombuffer(short, dtype="<u8").astype(np.uint64))


def _digests(dataset: Dataset, positions: Sequence[int]) -> list[bytes]:
    return sorted(
        hashlib.sha256(dataset.inputs[i].contiguous().numpy().data.cast("B")).digest()
        for i in positions
    )
