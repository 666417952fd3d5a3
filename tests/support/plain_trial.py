"""A trial to train in a batch, of no study in a database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from sweeper.registry.setting import Setting
from sweeper.study.study_file import StudySpec


@dataclass(eq=False)
class PlainTrial:
    """Tells `told` of every report, and is pruned where `prunes` says so."""

    label: str
    setting: Setting
    spec: StudySpec
    told: Callable[["PlainTrial", int, float], None] = lambda trial, epoch, value: None
    prunes: Callable[["PlainTrial"], bool] = lambda trial: False

    def report(self, epoch: int, values: Sequence[float]) -> None:
        self.told(self, epoch, fmean(values))

    def should_prune(self) -> bool:
        return self.prunes(self)
