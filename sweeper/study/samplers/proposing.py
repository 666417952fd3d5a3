"""What a sampler is made from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from sweeper.repository.surrogates.coordinates import Compression
from sweeper.repository.surrogates.scenarios import Scenarios
from sweeper.study.study_file import StudySpec


class Predictor(Protocol):
    """Predicts settings of a study by what is known of other tasks."""

    @property
    def compression(self) -> Compression:
        """The compression of gains."""

    def scenarios(self, rows: pd.DataFrame) -> Scenarios:
        """Return what settings may gain; columns m1, m2, m3, scale and lr."""


def nothing_known() -> Predictor | None:
    """Return the predictor of a study of which the repository knows nothing."""
    return None


@dataclass(frozen=True)
class Proposing:
    """What a sampler proposes trials for.

    Attributes:
        spec: the study.
        seed: no other worker of the study has it.
        known: returns what predicts the study by other results than its own; takes a few seconds.
    """

    spec: StudySpec
    seed: int
    known: Callable[[], Predictor | None] = nothing_known
