"""Telling Optuna how a trial ended that our tables have."""

import contextlib
import math
import statistics
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import TrialState

from sweeper.registry.objectives import DEFAULT_OBJECTIVE
from sweeper.store import TrialRecord
from sweeper.store.optuna_storage.worker_storage import WorkerStorage
from sweeper.study.open_study import OpenStudy
from sweeper.study.trial_attributes import at_end

_STATES = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}


def sync_to_optuna(opened: OpenStudy, study: optuna.Study, record: TrialRecord) -> None:
    """Tell Optuna the end of a trial that our tables have; doing so twice changes nothing."""
    number = record.number
    assert number is not None
    storage, study_id = WorkerStorage.of(study), opened.stored.optuna_study_id
    trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, number)
    objectives = opened.spec.objectives
    values = _mean_values(record, objectives) if record.state == "complete" else None

    def tell() -> None:
        with storage.together():
            for name, value in _attributes(record, objectives).items():
                storage.set_trial_user_attr(trial_id, name, value)
            study.tell(number, values, state=_STATES[record.state], skip_if_finished=True)

    # Another worker that recovers may do so at this very moment, too.
    with contextlib.suppress(UpdateFinishedTrialError):
        opened.database.retry(tell)


def _mean_values(record: TrialRecord, objectives: tuple[str, ...]) -> list[float]:
    """Return the mean of each objective over the seeds of a trial."""
    return [
        statistics.fmean(seed.values[objective] for seed in record.seeds)
        for objective in objectives
    ]


def _attributes(record: TrialRecord, objectives: tuple[str, ...]) -> dict[str, Any]:
    """Return what the dashboard shows about a trial, beside its parameters and values."""
    measures = (*objectives, DEFAULT_OBJECTIVE)
    shown: dict[str, Any] = {"setting": record.setting.describe()}
    if record.cause:
        shown["cause"] = record.cause
    for seed in record.seeds:
        for name, value in seed.values.items():
            if name not in measures:
                continue
            # JSON has no number for what is not finite.
            kept = value if math.isfinite(value) else None
            shown.setdefault(at_end(name), []).append(kept)
    return shown
