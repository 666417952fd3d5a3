"""A data set of features that a net computed from images."""

from dataclasses import dataclass, fields
from typing import Self

from torch import Tensor

from sweeper.data.dataset import Dataset


@dataclass(frozen=True)
class EmbeddedDataset(Dataset):
    """The features of a data set's images.

    Attributes:
        origin: identifies images, body and weights. It serves as the fingerprint, since features of
            the same image differ in their last digits between machines.
    """

    origin: str = ""

    def fingerprint(self) -> str:
        """Return the identifier of the data, net and weights behind the features."""
        return self.origin

    @classmethod
    def of(cls, dataset: Dataset, features: Tensor, origin: str) -> Self:
        """Return a copy of a data set with features, float32 ``[N, d]``, in place of its images."""
        values = {field.name: getattr(dataset, field.name) for field in fields(Dataset)}
        return cls(**values | {"inputs": features}, origin=origin)
