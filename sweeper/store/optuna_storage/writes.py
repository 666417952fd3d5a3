"""Batched writes to one of Optuna's trials, in one transaction.

Optuna's own storage uses one transaction, and a round trip through the ORM, per parameter and per
attribute.
"""

import json
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import Connection, insert, select, update

from sweeper.store.database.upsert import INSERTS
from sweeper.store.optuna_storage.private_names import ENDED, models


@dataclass
class TrialWrites:
    """Pending writes to a running trial.

    Attributes:
        params: each parameter as Optuna stores it, and its distribution.
        user_attrs: user attributes.
        system_attrs: system attributes.
        end: final state and values, None if it continues.
    """

    params: dict[str, tuple[float, BaseDistribution]] = field(default_factory=dict)
    user_attrs: dict[str, Any] = field(default_factory=dict)
    system_attrs: dict[str, Any] = field(default_factory=dict)
    end: tuple[TrialState, list[float] | None] | None = None

    def store(
        self, storage: RDBStorage, trial_id: int, connection: Connection | None = None
    ) -> None:
        """Write everything atomically, over a connection of the pool unless one is given.

        Raises:
            KeyError: there is no such trial.
            UpdateFinishedTrialError: it has already ended.
        """
        chosen = storage.engine.connect() if connection is None else nullcontext(connection)
        with chosen as used, used.begin():
            trial = models.TrialModel
            locked = select(trial.state).where(trial.trial_id == trial_id).with_for_update()
            state = used.scalar(locked)
            if state is None:
                raise KeyError(f"Optuna has no trial with the id {trial_id}")
            if not state.is_finished():
                self._insert(used, trial_id)
                return
        storage.check_trial_is_updatable(trial_id, state)

    def note(self, trial: FrozenTrial) -> None:
        """Apply all writes to a trial in memory."""
        for name, (value, distribution) in self.params.items():
            trial.params[name] = distribution.to_external_repr(value)
            trial.distributions[name] = distribution
        trial.user_attrs.update(self.user_attrs)
        trial.system_attrs.update(self.system_attrs)
        if self.end is not None:
            state, values = self.end
            if values is not None:
                trial.values = values
            trial.state, trial.datetime_complete = state, datetime.now()

    def _insert(self, connection: Connection, trial_id: int) -> None:
        if self.params:
            params = [
                {
                    "trial_id": trial_id,
                    "param_name": name,
                    "param_value": value,
                    "distribution_json": distribution_to_json(distribution),
                }
                for name, (value, distribution) in self.params.items()
            ]
            connection.execute(insert(models.TrialParamModel), params)
        _set_attributes(connection, models.TrialUserAttributeModel, trial_id, self.user_attrs)
        _set_attributes(connection, models.TrialSystemAttributeModel, trial_id, self.system_attrs)
        if self.end is not None:
            _end(connection, trial_id, *self.end)


def _set_attributes(
    connection: Connection, table: Any, trial_id: int, attributes: dict[str, Any]
) -> None:
    if not attributes:
        return
    adding = INSERTS[connection.dialect.name](table)
    setting = adding.on_conflict_do_update(
        index_elements=[table.trial_id, table.key],
        set_={"value_json": adding.excluded.value_json},
    )
    rows = [
        {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
        for key, value in attributes.items()
    ]
    connection.execute(setting, rows)


def _end(
    connection: Connection, trial_id: int, state: TrialState, values: list[float] | None
) -> None:
    rows = []
    for objective, value in enumerate(values or []):
        stored, kind = models.TrialValueModel.value_to_stored_repr(value)
        row = {"trial_id": trial_id, "objective": objective, "value": stored, "value_type": kind}
        rows.append(row)
    if rows:
        connection.execute(insert(models.TrialValueModel), rows)
    trial = models.TrialModel
    change = update(trial).where(trial.trial_id == trial_id)
    now = datetime.now(UTC).replace(tzinfo=None)  # as Optuna stores it
    connection.execute(change.values({trial.state: state, ENDED: now}))
