"""Creating a study, or finding it as it was left."""

from dataclasses import dataclass

import optuna

from sweeper import __version__, store
from sweeper.errors import SweeperError, UsageError
from sweeper.search.pruners import make_pruner
from sweeper.search.samplers import make_sampler
from sweeper.search.spaces import parameters
from sweeper.search.study_file import StudySpec
from sweeper.search.task import Task
from sweeper.store import Database, StoredStudy, StudyRecord

#: The attribute of an experiment's trial that says which of the settings it is.
SETTING = "setting"


@dataclass(frozen=True)
class OpenStudy:
    """A study with its data and its database, ready to be worked on."""

    database: Database
    stored: StoredStudy
    task: Task

    @property
    def spec(self) -> StudySpec:
        """What the study searches."""
        return self.task.spec

    def optuna_study(self, worker_rank: int = 0) -> optuna.Study:
        """Return Optuna's study, with a sampler of this worker's own.

        Raises:
            SweeperError: the study is gone from Optuna's tables.
        """
        try:
            return optuna.load_study(
                study_name=self.stored.name,
                storage=self.database.optuna_storage,
                sampler=make_sampler(self.spec, worker_rank),
                pruner=make_pruner(self.spec),
            )
        except KeyError:
            raise SweeperError(
                f"study {self.stored.name!r} was deleted from Optuna's tables, its results are "
                "kept here; start a new one with --study-name"
            ) from None


def create_or_resume(database: Database, task: Task) -> tuple[OpenStudy, bool]:
    """Store a new study, or find the one of its name; return it, and whether it is new.

    The number of trials may change from one run to the next, nothing else.

    Raises:
        UsageError: the study began with other values, or its name is taken.
        SweeperError: its data changed since it began.
    """
    name = task.spec.name
    known = {summary.study.name: summary.study for summary in store.list_studies(database)}
    if name in known:
        opened = _opened(database, known[name], task)
        if opened.stored.n_trials != task.spec.n_trials:
            store.set_n_trials(database, opened.stored.id, task.spec.n_trials)
    else:
        opened = OpenStudy(database, _create(database, task), task)
    if task.spec.kind == "experiment":
        _enqueue_settings(opened)
    return opened, name not in known


def find(database: Database, name: str) -> OpenStudy:
    """Open a study by its name, as a worker that joins it does.

    Raises:
        UsageError: there is no such study.
        SweeperError: its data are not here, or are not those that it began with.
    """
    stored = store.find_study(database, name)
    return _opened(database, stored, Task.load(StudySpec.from_json(stored.spec)))


def _opened(database: Database, stored: StoredStudy, task: Task) -> OpenStudy:
    changes = StudySpec.from_json(stored.spec).changes(task.spec)
    if changes:
        raise UsageError(
            f"study {stored.name!r} began with other values of {', '.join(changes)}; "
            "put them back, or start another study with --study-name"
        )
    if stored.task.dataset.fingerprint != task.record.dataset.fingerprint:
        raise SweeperError(
            f"the data of study {stored.name!r} ({task.dataset.name}) changed since it began; "
            "put them back, or start another study with --study-name"
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
        if study.get_trials(deepcopy=False) or [d.name.lower() for d in study.directions] != list(
            spec.directions
        ):
            raise UsageError(
                f"the database has another Optuna study called {spec.name!r}; "
                "choose another name with --study-name"
            ) from None
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
    """Queue those settings of an experiment that are not queued yet.

    A waiting trial is taken by one worker only, whoever asks at the same moment.
    """
    study = opened.optuna_study()
    there = {trial.user_attrs.get(SETTING) for trial in study.get_trials(deepcopy=False)}
    for index, setting in enumerate(opened.spec.settings_list()):
        if index not in there:
            study.enqueue_trial(parameters(setting), user_attrs={SETTING: index})
