"""What a trial must have to be trained in a batch."""

from collections.abc import Sequence
from typing import Protocol

from sweeper.registry.setting import Setting
from sweeper.study.study_file import StudySpec


class BatchTrial(Protocol):
    """A trial as `BatchTrainer` sees it; two of them are never equal."""

    @property
    def label(self) -> str:
        """What snapshots call it: no other one of its batch has this label."""

    @property
    def setting(self) -> Setting:
        """What is trained."""

    @property
    def spec(self) -> StudySpec:
        """Its study; those of a batch may differ in objectives and rungs alone."""

    def report(self, epoch: int, values: Sequence[float]) -> None:
        """Take note of the first objective at a rung, of each seed."""

    def should_prune(self) -> bool:
        """Return whether it is to leave, after what was reported of it and the others."""
