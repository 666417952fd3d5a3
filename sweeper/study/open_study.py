"""Creating a study, or finding it as it was left."""

import shlex
import warnings
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import Self

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.trial import FrozenTrial, Trial
from sqlalchemy import Connection

from sweeper import __version__, store
from sweeper.data.splits import BY_FOLDS
from sweeper.errors import StudyGoneError, SweeperError, UsageError
from sweeper.models.user_net import require_allowed
from sweeper.registry.setting import Setting
from sweeper.repository.recommendation.query import Query
from sweeper.store import Database, StoredStudy, StudyRecord
from sweeper.store.optuna_storage.worker_storage import WorkerStorage
from sweeper.study.distributions import parameters, searched
from sweeper.study.pruners.make import make_pruner
from sweeper.study.question import Question
from sweeper.study.samplers.make import make_sampler
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task, pick_device
from sweeper.study.trial_attributes import PROPOSED_BY
from sweeper.training import has_bfloat16

#: The attribute of an experiment's trial that says which of the settings it is.
SETTING = "setting number"
#: The attribute of a study that counts the workers it has had.
WORKERS = "workers so far"


@dataclass(frozen=True)
class KnownStudy:
    """A study in its database, whose data need not be here."""

    database: Database
    stored: StoredStudy

    def now(self) -> Self:
        """Return the study as it is stored now: it may have another name or state.

        Raises:
            StudyGoneError: it was deleted.
        """
        return replace(self, stored=as_stored(self.database, self.stored))

    @property
    def spec(self) -> StudySpec:
        """What the study searches."""
        spec = StudySpec.from_json(self.stored.spec)
        return spec.model_copy(update={"n_trials": self.stored.n_trials})


@dataclass(frozen=True)
class OpenStudy(KnownStudy):
    """A study with its data and its database, ready to be worked on."""

    task: Task

    @property
    def spec(self) -> StudySpec:
        """What the study searches."""
        return self.task.spec

    def optuna_study(self, worker_rank: int = 0) -> optuna.Study:
        """Return Optuna's study, with a sampler of this worker's own.

        Raises:
            StudyGoneError: the study was deleted.
            SweeperError: it is gone from Optuna's tables.
        """
        sampler = make_sampler(self.spec, worker_rank, self.predictor)
        try:
            return optuna.load_study(
                study_name=self.now().stored.name,
                storage=WorkerStorage(self.database),
                sampler=sampler,
                pruner=make_pruner(self.spec),
            )
        except KeyError:
            raise SweeperError(
                f"study {self.stored.name!r} was deleted from Optuna's tables, its results are "
                "kept here; start a new one with --study-name"
            ) from None

    def predictor(self) -> Query | None:
        """Return what predicts the study by other results than its own, if anything does."""
        return Question.of_search(self.task).query(self.database)

    def setting(self, trial: Trial | FrozenTrial) -> Setting:
        """Return the setting of a trial, from its parameters or its place in an experiment."""
        if SETTING in trial.user_attrs:
            return self.spec.settings_list()[int(trial.user_attrs[SETTING])]
        return self.spec.setting(trial.params)

    def alone(self) -> AbstractContextManager[Connection | None]:
        """Do what looks into Optuna's tables first and then writes, while nobody else does.

        What is written over the connection that it gives fails where nobody is kept off any more.
        """
        return _alone(self.database)

    def next_rank(self) -> int:
        """Return how many workers the study has had, and count one more: no two get the same."""
        study = self.optuna_study()
        with self.alone():
            rank = int(study.user_attrs.get(WORKERS, 0))
            study.set_user_attr(WORKERS, rank + 1)
        return rank


def create_or_resume(
    database: Database, task: Task, first: Sequence[Setting] = ()
) -> tuple[OpenStudy, bool]:
    """Store a new study, or find the one of its name; return it, and whether it is new.

    A new search begins with the settings in `first`, each moved to the nearest point of its space;
    to one that is found they make no difference. What is trained on is measured for the repository,
    once for each data set and split.

    The number of trials may grow from one run to the next; a smaller one changes nothing, since
    others may be at work on the rest. Nothing else may differ.

    Raises:
        UsageError: the study began with other values, or its name is taken.
        SweeperError: its data, or their split, changed since it began, or another version of
            sweeper began it.
    """
    with _alone(database):
        known = _known(database, task.spec.name)
        if known is not None:
            require_version(known)
        stored = None if known is None else StudySpec.from_json(known.spec)
        spec = task.spec.with_precision(stored, has_bfloat16(pick_device("auto")))
        task = replace(task, spec=spec)
        opened = _opened(database, known or _create(database, task), task)
        n_trials = task.spec.n_trials
        if opened.stored.n_trials < n_trials:
            store.set_n_trials(database, opened.stored.id, n_trials)
            opened = replace(opened, stored=replace(opened.stored, n_trials=n_trials))
        _enqueue_settings(opened)
        if known is None:
            _enqueue_first(opened, first)
    if not store.find_meta_features(database, task.record):
        store.record_meta_features(database, task.record, task.features)
    record_tested(opened)
    return opened, known is None


def is_stored(database: Database, name: str) -> bool:
    """Return whether there is a study of this name."""
    return _known(database, name) is not None


def find(database: Database, study: str | StoredStudy, allow_nets: Iterable[str] = ()) -> OpenStudy:
    """Open a study by its name, or as it was stored once, as a worker that joins it does.

    Args:
        database: where it is.
        study: its name, or as it was stored.
        allow_nets: modules that its net may come from, beside those of installed packages.

    Raises:
        UsageError: there is no study of this name, or its net is not allowed.
        StudyGoneError: the one that was stored was deleted.
        SweeperError: its data are not here, or are not those that it began with, or another version
            of sweeper began it.
    """
    if isinstance(study, str):
        known = KnownStudy(database, store.find_study(database, study))
    else:
        known = KnownStudy(database, as_stored(database, study))
    require_version(known.stored)
    require_allowed(known.spec.net, allow_nets)
    opened = _opened(database, known.stored, Task.load(known.spec))
    with _alone(database):
        _enqueue_settings(opened)
    return opened


def as_stored(database: Database, study: StoredStudy) -> StoredStudy:
    """Return a study as it is stored now, whatever its name has become.

    Raises:
        StudyGoneError: it was deleted.
    """
    with suppress(StudyGoneError):
        now = store.load_study(database, study.id)
        if now.created == study.created:  # SQLite gives an id again
            return now
    raise study_gone(study)


def study_gone(study: StoredStudy) -> StudyGoneError:
    """Return the error that a study was deleted while something was at work for it."""
    return StudyGoneError(f"study {study.name!r} was deleted; nothing is left to do for it")


def require_version(study: StoredStudy) -> None:
    """See to it that whoever trains for a study is of the version of sweeper that began it.

    Another one may train, split or measure otherwise, and nobody could tell their trials apart.

    Raises:
        SweeperError: this is another version.
    """
    if study.code_version != __version__:
        raise SweeperError(
            f"study {study.name!r} was begun by sweeper {study.code_version}, and this is "
            f"{__version__}, whose results may differ; install that version to go on with it, or "
            "start another study with --study-name"
        )


def require_not_stopped(study: KnownStudy) -> None:
    """Refuse to train for a study that somebody stopped.

    Raises:
        SweeperError: it is stopped.
    """
    stored = study.stored
    if stored.state == "stopped":
        resume = f"sweeper resume {shlex.quote(stored.name)}{study.database.option}"
        raise SweeperError(
            f"study {stored.name!r} was stopped: `{resume}` lets workers join it again"
        )


def _alone(database: Database) -> AbstractContextManager[Connection | None]:
    _ = database.optuna_storage  # opened before, since opening it takes the same lock
    return database.schema_lock(alone=True)


def record_tested(opened: OpenStudy) -> None:
    """Store which samples the test reads, so that a copy of the data set with others is known."""
    fingerprint = StudySpec.from_json(opened.stored.spec).loaded.tested
    if fingerprint and store.find_sample_digests(opened.database, fingerprint) is None:
        store.record_sample_digests(opened.database, fingerprint, opened.task.tested_digests)


def _known(database: Database, name: str) -> StoredStudy | None:
    try:
        return store.find_study(database, name)
    except UsageError:
        return None


def _opened(database: Database, stored: StoredStudy, task: Task) -> OpenStudy:
    spec, began, now = StudySpec.from_json(stored.spec), stored.task.dataset, task.record.dataset
    changes, is_changed = spec.changes(task.spec), began.fingerprint != now.fingerprint
    # Epochs and batches follow from the data where nobody gives them; features, from the weights.
    asked, before = ((of.dataset, of.net, of.loaded.weights) for of in (task.spec, spec))
    follow = is_changed and asked == before
    if changes and not follow:
        raise UsageError(
            f"study {stored.name!r} began with other values of {', '.join(changes)}; "
            "put them back, or start another study with --study-name"
        )
    if is_changed:
        raise SweeperError(
            f"the data of study {stored.name!r} ({task.dataset.name}) changed since it began "
            f"({began.changes(now)}); put them back, or start another study with --study-name"
        )
    if stored.task.hold_out and not stored.task.split_fingerprint.endswith(BY_FOLDS):
        raise SweeperError(
            f"study {stored.name!r} holds out the same classes for all seeds, as sweeper once did, "
            "and now each holds out a fold of its own; what is stored is kept, start another study "
            "with --study-name"
        )
    if stored.task.split_fingerprint != task.record.split_fingerprint:
        raise SweeperError(
            f"the split of study {stored.name!r} changed since it began: another version of "
            "sweeper drew it; go back to that one, or start another study with --study-name"
        )
    return OpenStudy(database, stored, task)


def _create(database: Database, task: Task) -> StoredStudy:
    spec = task.spec
    storage = database.optuna_storage
    try:
        study = optuna.create_study(
            study_name=spec.name, storage=storage, directions=spec.directions
        )
    except optuna.exceptions.DuplicatedStudyError:
        # Left by a run that ended between Optuna's tables and ours, or somebody else's.
        study = optuna.load_study(study_name=spec.name, storage=storage)
        directions = [direction.name.lower() for direction in study.directions]
        if study.get_trials(deepcopy=False) or directions != spec.directions:
            raise UsageError(
                f"the database has another Optuna study called {spec.name!r}; "
                "choose another name with --study-name"
            ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        study.set_metric_names(list(spec.objectives))  # what the dashboard calls them
    return store.create_study(
        database,
        StudyRecord(
            name=spec.name,
            kind=spec.kind,
            task=task.record,
            spec=spec.to_json(),
            n_trials=spec.n_trials,
            code_version=__version__,
            optuna_study_id=storage.get_study_id_from_name(spec.name),
        ),
    )


def _enqueue_settings(opened: OpenStudy) -> None:
    """Queue those settings of an experiment that are not queued yet; of a search, none."""
    settings = opened.spec.settings_list()
    if not settings:
        return
    study = opened.optuna_study()
    queued = {trial.user_attrs.get(SETTING) for trial in study.get_trials(deepcopy=False)}
    for index, setting in enumerate(settings):
        if index not in queued:
            study.enqueue_trial(parameters(setting), user_attrs={SETTING: index})


def _enqueue_first(opened: OpenStudy, first: Sequence[Setting]) -> None:
    """Queue what a search begins with, each point once, and no more than its budget holds.

    A control is not tried again: it is trained beside the search in any case.
    """
    study = opened.optuna_study()
    controls = opened.spec.control_settings().values()
    trained = [searched(opened.spec, control) for control in controls if control.loss != "softmax"]
    points: list[dict[str, float]] = []
    for setting in first:
        point = searched(opened.spec, setting)
        if point not in points and point not in trained:
            points.append(point)
    for point in points[: opened.stored.n_trials]:
        study.enqueue_trial(point, user_attrs={PROPOSED_BY: "the repository"})
