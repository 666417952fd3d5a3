"""Our tables. They stand beside Optuna's and never refer to them: a dashboard may delete those."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sweeper.registry.study_kind import StudyKind
from sweeper.registry.study_state import StudyState
from sweeper.store.database.base import Base as Base
from sweeper.store.database.column_types import (
    MeasuredValue,
    Numbers,
    SplitName,
    State,
)


def _now() -> datetime:
    return datetime.now(UTC)


class DatasetRow(Base):
    """A data set; two names with one content are one data set."""

    __tablename__ = "sweeper_datasets"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    source: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(unique=True)
    samples: Mapped[int]
    num_classes: Mapped[int]
    input_shape: Mapped[list[int]] = mapped_column(JSON)
    class_names: Mapped[list[str]] = mapped_column(JSON)


class TaskRow(Base):
    """A data set, a net and a training budget."""

    __tablename__ = "sweeper_tasks"
    __table_args__ = (
        UniqueConstraint(
            "dataset_id",
            "net",
            "embedding",
            "epochs",
            "batch_size",
            "hold_out",
            "split_seed",
            "split_fingerprint",
            "protocol",
            name="uq_sweeper_tasks",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("sweeper_datasets.id"))
    net: Mapped[str]
    embedding: Mapped[int]
    epochs: Mapped[int]
    batch_size: Mapped[int]
    hold_out: Mapped[float]
    split_seed: Mapped[int] = mapped_column(BigInteger)
    split_fingerprint: Mapped[str]
    protocol: Mapped[str] = mapped_column(server_default="{}")
    dataset: Mapped[DatasetRow] = relationship(lazy="joined", innerjoin=True)


class MetaFeatureRow(Base):
    """What is measured, without training, of the samples of one split that are trained on."""

    __tablename__ = "sweeper_meta_features"

    dataset_id: Mapped[int] = mapped_column(ForeignKey("sweeper_datasets.id"), primary_key=True)
    split_fingerprint: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]


class StudyRow(Base):
    """A study; `optuna_study_id` is a plain number, and may point at nothing.

    While its `state` is not "active" no worker trains for it. Of one that was deleted after it had
    read test data this row stays, and one in `ConfirmationRow` that says when.
    """

    __tablename__ = "sweeper_studies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    optuna_study_id: Mapped[int]
    kind: Mapped[StudyKind]
    task_id: Mapped[int] = mapped_column(ForeignKey("sweeper_tasks.id"))
    spec: Mapped[str]
    n_trials: Mapped[int]
    code_version: Mapped[str]
    created: Mapped[datetime] = mapped_column(default=_now)
    state: Mapped[StudyState] = mapped_column(default="active", server_default="active")
    task: Mapped[TaskRow] = relationship(lazy="joined", innerjoin=True)


class TrialRow(Base):
    """A trial or a control that is over."""

    __tablename__ = "sweeper_trials"
    __table_args__ = (
        UniqueConstraint("study_id", "number"),
        UniqueConstraint("study_id", "control"),
        CheckConstraint("(number IS NULL) <> (control IS NULL)", name="number_or_control"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("sweeper_studies.id"))
    number: Mapped[int | None]
    control: Mapped[str | None]
    state: Mapped[State]
    cause: Mapped[str | None]
    loss: Mapped[str]
    m1: Mapped[float]
    m2: Mapped[float]
    m3: Mapped[float]
    scale: Mapped[float]
    lr: Mapped[float]
    weight_decay: Mapped[float]
    options: Mapped[tuple[tuple[str, float], ...]] = mapped_column(Numbers, server_default="{}")
    epochs: Mapped[int]
    seconds: Mapped[float]
    device: Mapped[str]
    finished: Mapped[datetime] = mapped_column(default=_now)


class ResultRow(Base):
    """One measure of one seed of a trial, on one split."""

    __tablename__ = "sweeper_results"

    trial_id: Mapped[int] = mapped_column(ForeignKey("sweeper_trials.id"), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    split: Mapped[SplitName] = mapped_column(primary_key=True)
    value: Mapped[float] = mapped_column(MeasuredValue, nullable=True)


class CurveRow(Base):
    """One epoch of one seed of a trial."""

    __tablename__ = "sweeper_curves"

    trial_id: Mapped[int] = mapped_column(ForeignKey("sweeper_trials.id"), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    train_loss: Mapped[float] = mapped_column(MeasuredValue, nullable=True)
    accuracy: Mapped[float | None]


class ClassRow(Base):
    """One class of one seed of a trial, on one split."""

    __tablename__ = "sweeper_class_measures"

    trial_id: Mapped[int] = mapped_column(ForeignKey("sweeper_trials.id"), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    split: Mapped[SplitName] = mapped_column(primary_key=True)
    class_index: Mapped[int] = mapped_column(primary_key=True)
    recall: Mapped[float] = mapped_column(MeasuredValue, nullable=True)
    spread: Mapped[float] = mapped_column(MeasuredValue, nullable=True)
    plain_spread: Mapped[float] = mapped_column(MeasuredValue, nullable=True)


class ClassCurveRow(Base):
    """What the loss or a term of one seed of a trial tells of a class after an epoch.

    `name` says what: ``sigma2r.growth`` for example.
    """

    __tablename__ = "sweeper_class_curves"

    trial_id: Mapped[int] = mapped_column(ForeignKey("sweeper_trials.id"), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    class_index: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[float] = mapped_column(MeasuredValue, nullable=True)


class ConfusionRow(Base):
    """The confusion matrix of one seed of a trial, on one split, without its zeros.

    `counts` is a list of ``[true class, predicted class, samples]``.
    """

    __tablename__ = "sweeper_confusions"

    trial_id: Mapped[int] = mapped_column(ForeignKey("sweeper_trials.id"), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    split: Mapped[SplitName] = mapped_column(primary_key=True)
    counts: Mapped[list[list[int]]] = mapped_column(JSON)


class LeaseRow(Base):
    """A trial, or a control, that a worker holds; the worker chooses `id` at random."""

    __tablename__ = "sweeper_leases"
    __table_args__ = (
        UniqueConstraint("study_id", "number"),
        UniqueConstraint("study_id", "control"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    study_id: Mapped[int] = mapped_column(ForeignKey("sweeper_studies.id"))
    number: Mapped[int | None]
    control: Mapped[str | None]
    worker: Mapped[str] = mapped_column(index=True)
    host: Mapped[str]
    pid: Mapped[int]
    since: Mapped[datetime]
    until: Mapped[datetime]
    epochs: Mapped[int] = mapped_column(default=0)
    device: Mapped[str] = mapped_column(server_default="cpu")
    start: Mapped[int] = mapped_column(default=0, server_default="0")


class CheckpointRow(Base):
    """An array in the middle of its training: as bytes, or in a file that its workers share."""

    __tablename__ = "sweeper_checkpoints"
    __table_args__ = (CheckConstraint("(content IS NULL) <> (file IS NULL)", name="one_place"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    epochs: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    file: Mapped[str | None]
    saved: Mapped[datetime] = mapped_column(default=_now)


class CheckpointedRow(Base):
    """The newest checkpoint of a trial or a control; all repetitions of a trial have one label."""

    __tablename__ = "sweeper_checkpointed"

    label: Mapped[str] = mapped_column(primary_key=True)
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("sweeper_checkpoints.id"), index=True)


class ConfirmationRow(Base):
    """A confirmation: its best trials trained again, the test split read.

    It is there from its claim on. `worker`, `host`, `pid` and `until` are its lease, which one of
    before has not; `test_read` is set just before the test split is read, `winner` and `finished`
    with the result. `earlier_reads` are `sweeper.store.EarlierRead` as plain values.
    """

    __tablename__ = "sweeper_confirmations"

    study_id: Mapped[int] = mapped_column(ForeignKey("sweeper_studies.id"), primary_key=True)
    seeds: Mapped[int]
    begun: Mapped[datetime]
    worker: Mapped[str | None]
    host: Mapped[str | None]
    pid: Mapped[int | None]
    until: Mapped[datetime | None]
    test_read: Mapped[datetime | None]
    earlier_reads: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    winner: Mapped[int | None] = mapped_column(ForeignKey("sweeper_trials.id"))
    finished: Mapped[datetime | None]


class SampleDigestsRow(Base):
    """What a test of one fingerprint reads: eight bytes for each distinct sample, ascending."""

    __tablename__ = "sweeper_sample_digests"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    digests: Mapped[bytes] = mapped_column(LargeBinary)


class ExportRow(Base):
    """A part of a file that a confirmation exports, so that it can be written again."""

    __tablename__ = "sweeper_exports"

    study_id: Mapped[int] = mapped_column(ForeignKey("sweeper_studies.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ConfirmedRow(Base):
    """One measure of one further seed of a trial that was trained again."""

    __tablename__ = "sweeper_confirmed"

    trial_id: Mapped[int] = mapped_column(ForeignKey("sweeper_trials.id"), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    split: Mapped[SplitName] = mapped_column(primary_key=True)
    value: Mapped[float] = mapped_column(MeasuredValue, nullable=True)


class RepositoryRow(Base):
    """A repository that somebody else measured, as the file that was imported."""

    __tablename__ = "sweeper_repositories"

    digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    imported: Mapped[datetime] = mapped_column(default=_now)


class ChoiceRow(Base):
    """The surface that predicts an objective, as JSON: the newest choice alone."""

    __tablename__ = "sweeper_choices"

    objective: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    made: Mapped[datetime] = mapped_column(default=_now)
