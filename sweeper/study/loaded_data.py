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
        trained_classes: the numbers of the classes that all seeds train, where a study was stored
            with the same held-out classes for each; else empty.
        folds: the numbers of the classes that each seed trains, in turn; empty where no classes are
            held out, or where a study was stored without.
        tested: the fingerprint of the samples that its test reads, see
            `sweeper.data.tested.tested_fingerprint`; None where a study was stored without.
        images: how image files were read, as plain values of
            `sweeper.data.images.transform.ImageTransform`; None where the data come as arrays, or
            where a study was stored without.
        notes: what reading changed in the data and what was found in them, one sentence each.
    """

    weights: str | None = None
    trained_classes: tuple[int, ...] = ()
    folds: tuple[tuple[int, ...], ...] = ()
    tested: str | None = None
    images: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()

    def trained(self, seed: int) -> tuple[int, ...]:
        """Return the numbers of the classes that a seed trains; empty where all are, or unknown."""
        return self.folds[seed % len(self.folds)] if self.folds else self.trained_classes

    def to_dict(self) -> dict[str, Any]:
        """Return what there is, as plain values for storage."""
        return {name: value for name, value in vars(self).items() if value}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return what `to_dict` made this of."""
        return cls(
            weights=stored.get("weights"),
            trained_classes=tuple(stored.get("trained_classes", ())),
            folds=tuple(tuple(fold) for fold in stored.get("folds", ())),
            tested=stored.get("tested"),
            images=stored.get("images"),
            notes=tuple(stored.get("notes", ())),
        )
