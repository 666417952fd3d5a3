"""Many of Optuna's trials read at once.

Optuna's own storage builds them through the ORM and parses the distribution of each parameter anew:
a third of a second for a thousand trials.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any

from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial
from sqlalchemy import ColumnElement, Connection, select

from sweeper.store.database.engine import reading
from sweeper.store.optuna_storage.private_names import BEGAN, ENDED, models

#: Maximum number of ids in one statement: SQLite accepts no longer ones.
_MOST_IDS = 10_000


def read_trials(
    storage: RDBStorage, study_id: int, ids: Collection[int] = (), newer_than: int = -1
) -> list[FrozenTrial]:
    """Return trials of a study ordered by id, from one consistent snapshot.

    Args:
        storage: Optuna's storage.
        study_id: Optuna's id of the study.
        ids: trials to return in addition to the newer ones.
        newer_than: trials with larger ids are returned.
    """
    trial = models.TrialModel
    in_study: ColumnElement[bool] = trial.study_id == study_id
    chosen: ColumnElement[bool] = in_study & (trial.trial_id > newer_than)
    if older := [trial_id for trial_id in ids if trial_id <= newer_than]:
        wanted = (trial.trial_id > newer_than) | trial.trial_id.in_(older)
        chosen = in_study & wanted if len(older) <= _MOST_IDS else in_study
    with reading(storage.engine).begin() as connection:
        query = select(
            trial.trial_id,
            trial.number,
            trial.state,
            BEGAN,
            ENDED,
        )
        rows = connection.execute(query.where(chosen).order_by(trial.trial_id)).all()
        parts = _Parts(connection, chosen) if rows else None
    return [parts.trial(*row) for row in rows] if parts else []


class _Parts:
    """The contents of the chosen trials, by id."""

    def __init__(self, connection: Connection, chosen: ColumnElement[bool]) -> None:
        self.params: dict[int, dict[str, Any]] = defaultdict(dict)
        self.distributions: dict[int, dict[str, BaseDistribution]] = defaultdict(dict)
        self.values: dict[int, dict[int, float]] = defaultdict(dict)
        self.user_attrs: dict[int, dict[str, Any]] = defaultdict(dict)
        self.system_attrs: dict[int, dict[str, Any]] = defaultdict(dict)
        self.reported: dict[int, dict[int, float]] = defaultdict(dict)

        def rows(table: Any, *columns: Any, order: Any = None) -> Collection[Any]:
            query = select(table.trial_id, *columns).join(
                models.TrialModel, models.TrialModel.trial_id == table.trial_id
            )
            return connection.execute(query.where(chosen).order_by(order)).all()

        distribution = cache(json_to_distribution)  # a study has few
        param = models.TrialParamModel
        columns = (param.param_name, param.param_value, param.distribution_json)
        for trial_id, name, stored, text in rows(param, *columns, order=param.param_id):
            self.distributions[trial_id][name] = of = distribution(text)
            self.params[trial_id][name] = of.to_external_repr(stored)
        value = models.TrialValueModel
        for trial_id, objective, stored, kind in rows(
            value, value.objective, value.value, value.value_type, order=value.objective
        ):
            self.values[trial_id][objective] = value.stored_repr_to_value(stored, kind)
        for table, attributes in (
            (models.TrialUserAttributeModel, self.user_attrs),
            (models.TrialSystemAttributeModel, self.system_attrs),
        ):
            for trial_id, key, text in rows(table, table.key, table.value_json):
                attributes[trial_id][key] = json.loads(text)
        rung = models.TrialIntermediateValueModel
        reported = (rung.step, rung.intermediate_value, rung.intermediate_value_type)
        for trial_id, step, stored, kind in rows(rung, *reported):
            reported_value = rung.stored_repr_to_intermediate_value(stored, kind)
            self.reported[trial_id][step] = reported_value

    def trial(
        self,
        trial_id: int,
        number: int,
        state: Any,
        began: datetime | None,
        ended: datetime | None,
    ) -> FrozenTrial:
        """Return a trial with all its contents."""
        return FrozenTrial(
            number=number,
            state=state,
            value=None,
            values=list(self.values[trial_id].values()) or None,
            datetime_start=_local(began),
            datetime_complete=_local(ended),
            params=self.params[trial_id],
            distributions=self.distributions[trial_id],
            user_attrs=self.user_attrs[trial_id],
            system_attrs=self.system_attrs[trial_id],
            intermediate_values=self.reported[trial_id],
            trial_id=trial_id,
        )


def _local(moment: datetime | None) -> datetime | None:
    """Return a time as Optuna shows it: local, without a time zone."""
    return None if moment is None else moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
