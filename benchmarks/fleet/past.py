"""Studies with a history: trials finished or held before the workers of a line start."""

from typing import Any

import psycopg
import torch

from benchmarks.fleet.laps import Laps
from benchmarks.fleet.lines import Kind
from benchmarks.fleet.sleeping import sleeping
from sweeper import store
from sweeper.store import open_database
from sweeper.study.open_study import create_or_resume
from sweeper.study.task import Task
from sweeper.worker.batch.batch_trainer import BatchTrainer
from sweeper.worker.queue.claimed_trial import ClaimedTrial
from sweeper.worker.queue.trial_queue import TrialQueue
from tests.support.postgres import connect

#: Tables with one row per trial and their key, each with the tables of a trial's details.
_TABLES: dict[tuple[str, str], tuple[str, ...]] = {
    ("trials", "trial_id"): ("trial_params", "trial_values", "trial_user_attributes"),
    ("sweeper_trials", "id"): (
        "sweeper_results",
        "sweeper_curves",
        "sweeper_class_measures",
        "sweeper_confusions",
    ),
    ("sweeper_leases", "id"): (),
}
#: Values that differ between trials.
_DRAWN = {"param_value": "{0} * (0.2 + 0.8 * random())", "value": "{0} * random()"}


def prepare(url: str, kind: Kind) -> None:
    """Create the tables, the study and its history."""
    with open_database(url, create=True) as database:
        opened, _ = create_or_resume(database, Task.load(kind.spec))
        if not kind.finished and not kind.held:
            return
        # Not a process of this machine, so that it is not found dead.
        worker = store.WorkerIdentity("fleet", "elsewhere", 1)
        (held,) = TrialQueue(opened, worker).take(1)
        if kind.finished:
            _hand_in(held)
    with connect(url) as connection:
        with connection.transaction():
            _copy_trials(connection, max(kind.finished, kind.held) - 1)
            connection.execute("UPDATE sweeper_leases SET until = until + interval '1 day'")
        connection.execute("VACUUM ANALYZE")  # as autovacuum would have


def _hand_in(held: ClaimedTrial) -> None:
    """Train a trial in no time and store its result as a worker does."""
    data = held.opened.task.training_data(torch.device("cpu"))
    with sleeping(Laps(), 0.0):
        ((_, result),) = BatchTrainer(data, [held]).results()
    assert held.hand_in(result, "cpu")


def _copy_trials(connection: psycopg.Connection[Any], copies: int) -> None:
    """Copy the only trial of a database `copies` times, in our tables and in Optuna's.

    The copies have different parameters and values. Storing each one normally would take minutes.
    """
    for (table, key), parts in _TABLES.items():
        changed = {key: "{0} + copy", "number": "{0} + copy"}
        _copy_rows(connection, table, changed, copies)
        for part in parts:
            _copy_rows(connection, part, {"trial_id": "{0} + copy", **_DRAWN}, copies)
        if table != "sweeper_leases":  # whose ids no sequence gives
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), max({key})) "
                f"FROM {table} HAVING count(*) > 0"
            )


def _copy_rows(
    connection: psycopg.Connection[Any], table: str, changed: dict[str, str], copies: int
) -> None:
    """Insert every row of a table again, once per copy, with new serial numbers."""
    columns = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
        "AND (column_default IS NULL OR column_name = ANY(%s)) ORDER BY ordinal_position",
        (table, list(changed)),
    ).fetchall()
    names = [name for (name,) in columns]
    drawn = [changed.get(name, "{0}").format(f'old."{name}"') for name in names]
    quoted = ", ".join(f'"{name}"' for name in names)
    connection.execute(
        f"INSERT INTO {table} ({quoted}) SELECT {', '.join(drawn)} "
        f"FROM {table} old, generate_series(1, {copies}) copy"
    )
