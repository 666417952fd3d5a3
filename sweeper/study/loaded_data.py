"""What the loading of a study's data told, kept with the study as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Loaded:
    """What no study file says and results cannot be read or gone on with without.

    Attributes:
        weights: a SHA-256 of the content of the net's weights; None where it has none, or where a
            study was stored without.
        trained_classes: the numbers of the classes that are trained, where others are held out;
            empty where none are, or where a study was stored without.
    """

    weights: str | None = None
    trained_classes: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return what there is, as plain values for storage."""
        return {name: value for name, value in vars(self).items() if value}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return what `to_dict` made this of."""
        return cls(stored.get("weights"), tuple(stored.get("trained_classes", ())))
