"""All of Optuna's private names that the project uses: look here when Optuna changes.

No other module touches any; `tests/test_layout.py` and ruff's SLF001 hold it.
"""

from collections.abc import Callable
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import GridSampler
from optuna.storages import BaseStorage, RDBStorage
from optuna.storages._cached_storage import _CachedStorage, _StudyInfo
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial

__all__ = [
    "BEGAN",
    "ENDED",
    "TrialCache",
    "grid_point",
    "grid_size",
    "id_of",
    "models",
    "storage_of",
]

#: When a trial began and ended: columns of Optuna's trial table, in UTC without a time zone.
BEGAN = models.TrialModel._datetime_start_utc
ENDED = models.TrialModel._datetime_complete_utc


def storage_of(study: Study) -> BaseStorage:
    """Return the storage that a study was opened with."""
    return study._storage


def id_of(trial: FrozenTrial) -> int:
    """Return Optuna's id of a trial, which differs from its number."""
    return trial._trial_id


def grid_size(sampler: GridSampler) -> int:
    """Return the number of points of a grid."""
    return len(sampler._all_grids)


def grid_point(sampler: GridSampler, number: int) -> dict[str, Any]:
    """Return a point of a grid by the number that Optuna stores in its trial."""
    return dict(zip(sampler._param_names, sampler._all_grids[number], strict=True))


class TrialCache(_CachedStorage):
    """Optuna's caching storage, with public names for what our storage needs."""

    @property
    def backend(self) -> RDBStorage:
        """The storage behind the cache."""
        return self._backend

    def refresh(self, study_id: int) -> None:
        """Read the changes of others; Optuna calls it before it reads trials."""
        super()._read_trials_from_remote_storage(study_id)

    def read_with(
        self, study_id: int, read: Callable[[set[int], int], list[FrozenTrial]]
    ) -> list[FrozenTrial]:
        """Update the cached trials of a study, and return those that were read.

        Args:
            study_id: Optuna's id of the study.
            read: reads the trials with the given ids (unfinished at the last check) and all with a
                larger id than the last one that was finished then.
        """
        with self._lock:
            study = self._studies.setdefault(study_id, _StudyInfo())
            newest = study.last_finished_trial_id
            trials = read(study.unfinished_trial_ids, newest)
            self._add_trials_to_cache(study_id, trials)
            for trial in trials:
                if trial.state.is_finished():
                    study.unfinished_trial_ids.discard(trial._trial_id)
                    study.last_finished_trial_id = max(newest, trial._trial_id)
                else:
                    study.unfinished_trial_ids.add(trial._trial_id)
        return trials

    def keep(self, study_id: int, trial: FrozenTrial) -> None:
        """Add a trial to the cache."""
        with self._lock:
            self._add_trials_to_cache(study_id, [trial])

    def kept(self, study_id: int) -> dict[int, FrozenTrial]:
        """Return the cached trials of a study by number."""
        return self._studies[study_id].trials

    def unfinished_ids(self, study_id: int) -> set[int]:
        """Return the ids of the trials that were unfinished at the last check."""
        return self._studies[study_id].unfinished_trial_ids

    def place(self, trial_id: int) -> tuple[int, int]:
        """Return the study id and the number of a cached trial."""
        return self._trial_id_to_study_id_and_number[trial_id]

    def known_distribution(self, trial_id: int, name: str) -> BaseDistribution | None:
        """Return the distribution of a parameter in the study of a trial, if it has been used."""
        study_id, _ = self.place(trial_id)
        return self._studies[study_id].param_distribution.get(name)

    def _read_trials_from_remote_storage(self, study_id: int) -> None:
        self.refresh(study_id)
