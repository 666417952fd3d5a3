"""A data set of features that a net computed of images."""

from dataclasses import dataclass, fields
from typing import Self

from torch import Tensor

from sweeper.data.dataset import Dataset


@dataclass(frozen=True)
class EmbeddedDataset(Dataset):
    """The features of a data set's images.

    Attributes:
        origin: what identifies images, body and weights. It is what the fingerprint tells, since
            the features of one image differ in their last digits from one machine to the next.
    """

    origin: str = ""

    def fingerprint(self) -> str:
        """Return a SHA-256 over what the features were computed from."""
        return self.origin

    @classmethod
    def of(cls, dataset: Dataset, features: Tensor, origin: str) -> Self:
        """Return a data set with the features of its images, float32 ``[N, d]``, in their place."""
        held = {field.name: getattr(dataset, field.name) for field in fields(Dataset)}
        return cls(**held | {"inputs": features}, origin=origin)
