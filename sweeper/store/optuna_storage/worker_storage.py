"""Optuna's storage for one worker: known trials are not read again, and writes are batched.

Optuna itself reads a trial back before nearly every step, and all unfinished trials three times for
each new trial. For trials that last seconds, this was most of the cost of storage.
"""

import copy
import heapq
import time
from collections.abc import Collection, Container, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, check_distribution_compatibility
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import Connection

from sweeper.store.database.database import Database
from sweeper.store.optuna_storage.private_names import TrialCache, id_of, storage_of
from sweeper.store.optuna_storage.reads import read_trials
from sweeper.store.optuna_storage.writes import TrialWrites

#: Number of finished trials up to which `recent` omits none.
RECENT = 1_000

#: Number of best trials that `recent` keeps: the maximum that TPE counts as good.
BEST = 25


class WorkerStorage(TrialCache):
    """Keeps this worker's own trials in memory, as they were written.

    Nobody else writes to a running trial, except to end it when its worker is declared lost: any
    write to it then raises UpdateFinishedTrialError, as in Optuna's own storage. Like a study, it
    may only be used by one thread.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database.optuna_storage)
        self._database = database
        self._own: set[int] = set()
        self._pending: dict[int, TrialWrites] | None = None
        self._steady = False
        self._read_at: float | None = None
        self._recent = False
        self._kept: list[FrozenTrial] | None = None

    @classmethod
    def of(cls, study: optuna.Study) -> "WorkerStorage":
        """Return the storage that a study was opened with."""
        storage = storage_of(study)
        assert isinstance(storage, cls)
        return storage

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Read the trials of others at the beginning, then every `Timing.trials_refresh` at most.

        For requesting several trials in a row.
        """
        self._steady, self._read_at = True, None
        try:
            yield
        finally:
            self._steady = False

    @contextmanager
    def recent(self) -> Iterator[None]:
        """See `recent`."""
        self._recent = True
        try:
            yield
        finally:
            self._recent = False

    @contextmanager
    def together(self, connection: Connection | None = None) -> Iterator[None]:
        """Collect the writes to each trial and store them at the end, in one transaction per trial.

        After an error nothing is stored. New trials (without parameters) and values reported at a
        rung are stored immediately.

        Args:
            connection: stores them over this one; by default over one of the pool.

        Raises:
            UpdateFinishedTrialError: the trial has already ended.
        """
        self._pending = {}
        try:
            yield
            pending = self._pending
        finally:
            self._pending = None
        for trial_id, writes in pending.items():
            writes.store(self.backend, trial_id, connection)
            if (own := self._own_trial(trial_id)) is not None:
                writes.note(own)

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Create a trial; a running one is this worker's own."""
        trial_id = super().create_new_trial(study_id, template_trial)
        if template_trial is None:
            self._own.add(trial_id)
        return trial_id

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Return a trial including pending writes; own trials are copied."""
        own = self._own_trial(trial_id)
        writes = (self._pending or {}).get(trial_id)
        trial = super().get_trial(trial_id) if own is None else own
        if own is not None or writes is not None:
            trial = copy.deepcopy(trial)
        if writes is not None:
            writes.note(trial)
        return trial

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """Return trials by number, without reading every finished one if that can be avoided."""
        finished = [state for state in TrialState if state.is_finished()]
        unfinished_only = states is not None and not any(state in states for state in finished)
        if not unfinished_only and not self._recent:
            return super().get_all_trials(study_id, deepcopy, states)
        self.refresh(study_id)
        trials = self._unfinished(study_id)
        if not unfinished_only:
            if self._kept is None:
                self._kept = _recent_and_best(
                    self.kept(study_id).values(), *self.get_study_directions(study_id)
                )
            trials = self._kept + trials
        chosen = [trial for trial in trials if states is None or trial.state in states]
        chosen.sort(key=lambda trial: trial.number)
        return copy.deepcopy(chosen) if deepcopy else chosen

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        """Write a parameter."""
        known = self.known_distribution(trial_id, param_name)
        if (
            self._pending is None or known is None
        ):  # the first one is checked against the stored distributions
            super().set_trial_param(trial_id, param_name, param_value_internal, distribution)
            if (own := self._own_trial(trial_id)) is not None:
                TrialWrites({param_name: (param_value_internal, distribution)}).note(own)
            return
        check_distribution_compatibility(known, distribution)
        self._writes(trial_id).params[param_name] = param_value_internal, distribution

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        """Write a value reported at a rung."""
        super().set_trial_intermediate_value(trial_id, step, intermediate_value)
        if (own := self._own_trial(trial_id)) is not None:
            own.intermediate_values[step] = intermediate_value

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Write a user attribute."""
        if self._pending is not None:
            self._writes(trial_id).user_attrs[key] = value
            return
        super().set_trial_user_attr(trial_id, key, value)
        if (own := self._own_trial(trial_id)) is not None:
            own.user_attrs[key] = value

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Write a system attribute."""
        if self._pending is not None:
            self._writes(trial_id).system_attrs[key] = value
            return
        super().set_trial_system_attr(trial_id, key, value)
        if (own := self._own_trial(trial_id)) is not None:
            own.system_attrs[key] = value

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        """Claim a waiting trial, or end a running one."""
        if self._pending is not None and state.is_finished():
            self._writes(trial_id).end = state, None if values is None else list(values)
            return True
        if not super().set_trial_state_values(trial_id, state, values):
            return False
        if state == TrialState.RUNNING:
            study_id, _ = self.place(trial_id)
            self.keep(study_id, self.backend.get_trial(trial_id))
            self._own.add(trial_id)
        else:
            self._own.discard(trial_id)
        return True

    def refresh(self, study_id: int) -> None:
        """Read the changes of others, unless `steady` postpones it."""
        now = time.monotonic()
        fresh = self._read_at is not None and (
            now - self._read_at < self._database.timing.trials_refresh
        )
        if self._steady and fresh:
            return
        trials = self.read_with(
            study_id,
            lambda unfinished, newest: self._database.retry(
                lambda: read_trials(self.backend, study_id, unfinished, newest)
            ),
        )
        for trial in trials:
            if trial.state.is_finished():
                self._own.discard(id_of(trial))
        self._read_at, self._kept = now, None

    def _unfinished(self, study_id: int) -> list[FrozenTrial]:
        ids = self.unfinished_ids(study_id) | self._own
        trials = [self.kept(study_id)[number] for _, number in map(self.place, ids)]
        return [trial for trial in trials if not trial.state.is_finished()]

    def _writes(self, trial_id: int) -> TrialWrites:
        assert self._pending is not None
        return self._pending.setdefault(trial_id, TrialWrites())

    def _own_trial(self, trial_id: int) -> FrozenTrial | None:
        """Return an own trial as it was written, None if it has ended."""
        if trial_id not in self._own:
            return None
        study_id, number = self.place(trial_id)
        trial = self.kept(study_id)[number]
        if trial.state.is_finished():
            self._own.discard(trial_id)
            return None
        return trial


def recent(study: optuna.Study) -> AbstractContextManager[None]:
    """Limit a single-objective study to its last `RECENT` and best `BEST` finished trials.

    For code that iterates over all trials. A study with another storage still shows all.
    """
    storage = storage_of(study)
    return storage.recent() if isinstance(storage, WorkerStorage) else nullcontext()


def _recent_and_best(
    trials: Collection[FrozenTrial], direction: StudyDirection
) -> list[FrozenTrial]:
    """Return the last finished trials, by number, and the best."""
    finished = [trial for trial in trials if trial.state.is_finished()]
    finished.sort(key=lambda trial: trial.number)  # a worker's own may come before older ones
    if len(finished) <= RECENT:
        return finished
    complete = [trial for trial in finished if trial.state == TrialState.COMPLETE]
    choose = heapq.nlargest if direction == StudyDirection.MAXIMIZE else heapq.nsmallest
    best = choose(BEST, complete, key=lambda trial: trial.values[0])
    kept = {trial.number: trial for trial in (*best, *finished[-RECENT:])}
    return list(kept.values())
