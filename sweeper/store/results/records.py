"""What goes into the store and comes out of it: plain values, no torch and no Optuna."""

import math
from dataclasses import dataclass, field
from datetime import datetime

from sweeper.console import count
from sweeper.registry.setting import Setting
from sweeper.registry.study_kind import StudyKind
from sweeper.registry.study_state import StudyState
from sweeper.store.database.column_types import SplitName, State
from sweeper.store.queue.causes import LOST, is_retryable

#: Classes that are named where some are new or gone.
_NAMED = 3


def measured_split(kind: StudyKind) -> SplitName:
    """Return the split that trials are measured on: only an experiment chooses nothing."""
    return "test" if kind == "experiment" else "validation"


@dataclass(frozen=True)
class DatasetRecord:
    """A data set: its canonical name, its origin, the fingerprint of its content, its size."""

    name: str
    source: str
    fingerprint: str
    samples: int
    num_classes: int
    input_shape: tuple[int, ...]
    class_names: tuple[str, ...]

    def changes(self, now: "DatasetRecord") -> str:
        """Return what is different now, as far as it is stored, for somebody who does not know."""
        said = []
        if now.samples != self.samples:
            said.append(f"{count(self.samples, 'sample')} then, {now.samples:,} now")
        for names, what in (
            (set(self.class_names) - set(now.class_names), "gone"),
            (set(now.class_names) - set(self.class_names), "new"),
        ):
            if names:
                shown = ", ".join(map(repr, sorted(names)[:_NAMED]))
                rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
                said.append(f"{what}: class {shown}{rest}")
        if now.input_shape != self.input_shape:
            shapes = ("×".join(map(str, each.input_shape)) for each in (self, now))
            said.append("of {} then, of {} now".format(*shapes))
        return "; ".join(said) or (
            f"{count(self.samples, 'sample')} of the same classes and size as then, but other "
            "contents, labels, groups or parts"
        )


@dataclass(frozen=True)
class TaskRecord:
    """A data set, a net and a training budget: what the results of two studies must share.

    `hold_out` is the share of the classes that are held out for retrieval, 0 where none are;
    `split_fingerprint` tells which images train, which choose and which test; `protocol` is how a
    net is trained apart from its budget, as JSON text: what differs from the usual way.
    """

    dataset: DatasetRecord
    net: str
    embedding: int
    epochs: int
    batch_size: int
    hold_out: float
    split_seed: int
    split_fingerprint: str
    protocol: str = "{}"

    @property
    def trained_classes(self) -> int:
        """How many classes each seed trains on."""
        return round((1 - self.hold_out) * self.dataset.num_classes)


@dataclass(frozen=True)
class StudyRecord:
    """A study on one task; `spec` is the whole study file as JSON text."""

    name: str
    kind: StudyKind
    task: TaskRecord
    spec: str
    n_trials: int
    code_version: str
    optuna_study_id: int

    @property
    def split(self) -> SplitName:
        """The split its trials are measured on."""
        return measured_split(self.kind)


@dataclass(frozen=True)
class StoredStudy(StudyRecord):
    """A study as it lies in the database; no worker trains for one that is not active."""

    id: int
    created: datetime
    state: StudyState = "active"


@dataclass(frozen=True)
class StudySummary:
    """A study and how far it is: numbered trials by state, and leases that are held.

    `states` has the keys complete, pruned, failed and lost; trials whose causes do not count, see
    `sweeper.store.queue.causes`, are counted as lost alone. `causes` counts the failed and the lost
    ones by their cause, without its details; `queued` is how many wait in Optuna's queue.
    `controls` is how many controls are over; `epochs` is how many all that is under leases,
    controls too, has been trained for together.
    """

    study: StoredStudy
    states: dict[str, int]
    causes: dict[str, int]
    queued: int
    live: int
    controls: int
    epochs: int

    @property
    def counted(self) -> int:
        """How many trials of the budget are used up."""
        return sum(self.states.values()) - self.states[LOST]

    @property
    def is_finished(self) -> bool:
        """Whether its budget is used up and nothing is held or waits in the queue."""
        return self.counted >= self.study.n_trials and not (self.live or self.queued)

    @property
    def told(self) -> dict[str, int]:
        """The trials by state, as people are told of them: in place of the lost ones why."""
        states = {state: number for state, number in self.states.items() if state != LOST}
        return states | {why: n for why, n in self.causes.items() if is_retryable(why)}


@dataclass(frozen=True)
class EpochRecord:
    """One epoch of one seed: mean training loss and, where measured, validation accuracy.

    `class_values` are what the loss and its terms tell of each class after it, by name:
    ``sigma2r.growth`` for example; empty for most losses.
    """

    epoch: int
    train_loss: float
    accuracy: float | None = None
    class_values: dict[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassRecord:
    """One class of one seed, on the split that was measured.

    `spread` is the intra-class measure ``sqrt(sum |x - mean|² / (n - 1))`` of the unit-length
    embeddings, `plain_spread` that of the embeddings as they are; `recall` the share of the class's
    samples that were classified rightly.
    """

    index: int
    recall: float
    spread: float
    plain_spread: float = math.nan


@dataclass(frozen=True)
class SeedRecord:
    """One seed of one trial: its measures by name, its curve, its measures per class.

    `confusion` is the confusion matrix without its zeros: true class, predicted class, samples.
    """

    seed: int
    values: dict[str, float]
    curve: tuple[EpochRecord, ...] = ()
    classes: tuple[ClassRecord, ...] = ()
    confusion: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True)
class TrialRecord:
    """One trial, or one control, that is over.

    A trial has the `number` that Optuna gave it; a control (plain softmax, a paper's default)
    stands outside the search and has a name in `control` in place of a number.
    """

    setting: Setting
    state: State
    number: int | None = None
    control: str | None = None
    cause: str | None = None
    epochs: int = 0
    seconds: float = 0.0
    device: str = "cpu"
    seeds: tuple[SeedRecord, ...] = field(default=())

    def __post_init__(self) -> None:
        if (self.number is None) == (self.control is None):
            raise ValueError("a trial has a number, a control has a name; exactly one of them")
