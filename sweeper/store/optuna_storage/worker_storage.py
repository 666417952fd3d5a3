"""Optuna's storage as one worker uses it: what it knows is not read again, and written at once.

Optuna reads a trial back before nearly every step, and all unfinished ones three times for each
trial that is asked for. On a study of seconds a trial that was most of what storage cost.
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

from sweeper.store.database.database import Database
from sweeper.store.optuna_storage.private_names import TrialCache, id_of, storage_of
from sweeper.store.optuna_storage.reads import read_trials
from sweeper.store.optuna_storage.writes import TrialWrites

#: Finished trials up to which `recent` leaves none out.
RECENT = 1_000

#: How many of the best trials `recent` keeps: those that TPE takes for the good ones, at most.
BEST = 25


class WorkerStorage(TrialCache):
    """Keeps the trials that this worker asked for in memory, as they were written.

    Nobody else writes to a trial that runs, except to end it where its worker was taken for lost:
    any write to it then raises UpdateFinishedTrialError, as with Optuna's own storage. One thread
    alone may use it, as it may a study.
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

        For several trials that are asked for in a row.
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
    def together(self) -> Iterator[None]:
        """Write at the end, in one transaction, what is to be written to a trial meanwhile.

        After an error nothing of it is. A new trial is stored at once, without parameters; so is
        what is reported at a rung.

        Raises:
            UpdateFinishedTrialError: the trial is over.
        """
        self._pending = {}
        try:
            yield
            pending = self._pending
        finally:
            self._pending = None
        for trial_id, writes in pending.items():
            writes.store(self.backend, trial_id)
            if (own := self._own_trial(trial_id)) is not None:
                writes.note(own)

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Create a trial; one that runs is this worker's own."""
        trial_id = super().create_new_trial(study_id, template_trial)
        if template_trial is None:
            self._own.add(trial_id)
        return trial_id

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Return a trial, with what is yet to be written; of an own one a copy."""
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
        """Return trials by number, without a look at every finished one where that can be saved."""
        finished = [state for state in TrialState if state.is_finished()]
        unfinished_alone = states is not None and not any(state in states for state in finished)
        if not unfinished_alone and not self._recent:
            return super().get_all_trials(study_id, deepcopy, states)
        self.refresh(study_id)
        found = self._unfinished(study_id)
        if not unfinished_alone:
            if self._kept is None:
                self._kept = _recent_and_best(
                    self.kept(study_id).values(), *self.get_study_directions(study_id)
                )
            found = self._kept + found
        chosen = [trial for trial in found if states is None or trial.state in states]
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
        if self._pending is None or known is None:  # the first one is compared with what is stored
            super().set_trial_param(trial_id, param_name, param_value_internal, distribution)
            if (own := self._own_trial(trial_id)) is not None:
                TrialWrites({param_name: (param_value_internal, distribution)}).note(own)
            return
        check_distribution_compatibility(known, distribution)
        self._writes(trial_id).params[param_name] = param_value_internal, distribution

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        """Write what is reported at a rung."""
        super().set_trial_intermediate_value(trial_id, step, intermediate_value)
        if (own := self._own_trial(trial_id)) is not None:
            own.intermediate_values[step] = intermediate_value

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Write an attribute."""
        if self._pending is not None:
            self._writes(trial_id).user_attrs[key] = value
            return
        super().set_trial_user_attr(trial_id, key, value)
        if (own := self._own_trial(trial_id)) is not None:
            own.user_attrs[key] = value

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Write an attribute of Optuna's own."""
        if self._pending is not None:
            self._writes(trial_id).system_attrs[key] = value
            return
        super().set_trial_system_attr(trial_id, key, value)
        if (own := self._own_trial(trial_id)) is not None:
            own.system_attrs[key] = value

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        """Take a waiting trial, or end one that runs."""
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
        """Read what others changed, unless `steady` has it that they did not."""
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
        """Return an own trial as it was written, unless it is over."""
        if trial_id not in self._own:
            return None
        study_id, number = self.place(trial_id)
        trial = self.kept(study_id)[number]
        if trial.state.is_finished():
            self._own.discard(trial_id)
            return None
        return trial


def recent(study: optuna.Study) -> AbstractContextManager[None]:
    """Let a study of one objective show of its finished trials the last `RECENT` and the `BEST`.

    For what goes over all of them. A study that was opened otherwise goes on showing all.
    """
    storage = storage_of(study)
    return storage.recent() if isinstance(storage, WorkerStorage) else nullcontext()


def _recent_and_best(
    trials: Collection[FrozenTrial], direction: StudyDirection
) -> list[FrozenTrial]:
    """Return the last finished trials, by their numbers, and the best."""
    finished = [trial for trial in trials if trial.state.is_finished()]
    finished.sort(key=lambda trial: trial.number)  # a worker's own may stand before older ones
    if len(finished) <= RECENT:
        return finished
    complete = [trial for trial in finished if trial.state == TrialState.COMPLETE]
    choose = heapq.nlargest if direction == StudyDirection.MAXIMIZE else heapq.nsmallest
    best = choose(BEST, complete, key=lambda trial: trial.values[0])
    kept = {trial.number: trial for trial in (*best, *finished[-RECENT:])}
    return list(kept.values())
