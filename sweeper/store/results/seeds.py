"""What was measured of trials, seed by seed, read back from its tables."""

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from sweeper.store.database.column_types import SplitName
from sweeper.store.database.tables import (
    ClassCurveRow,
    ClassRow,
    ConfusionRow,
    CurveRow,
    ResultRow,
    TrialRow,
)
from sweeper.store.results.records import ClassRecord, EpochRecord, SeedRecord

#: A row of a trial and the seed.
Key = tuple[int, int]


def read_seeds(
    session: Session, mine: ColumnElement[bool], split: SplitName, values_alone: bool = False
) -> dict[int, dict[int, SeedRecord]]:
    """Return what was measured of the chosen trials, by their row and the seed; seeds ascend.

    With `values_alone`, curves, measures per class and matrices are left out: most of the rows.
    """
    values: dict[Key, dict[str, float]] = defaultdict(dict)
    curves: dict[Key, list[EpochRecord]] = defaultdict(list)
    classes: dict[Key, list[ClassRecord]] = defaultdict(list)
    of_classes: dict[tuple[Key, int], dict[str, list[float]]] = defaultdict(dict)
    confusions: dict[Key, tuple[tuple[int, int, int], ...]] = {}

    def rows(table: Any, *columns: InstrumentedAttribute[Any], measured: bool = False) -> Any:
        """Yield the key and these columns of a table, in their order."""
        query = select(table.trial_id, table.seed, *columns).join(
            TrialRow, TrialRow.id == table.trial_id
        )
        query = query.where(mine, table.split == split) if measured else query.where(mine)
        ordered = [column for column in columns if column.primary_key]
        for trial, seed, *rest in session.execute(query.order_by(*ordered)):
            yield (trial, seed), *rest

    for key, measure, value in rows(ResultRow, ResultRow.measure, ResultRow.value, measured=True):
        values[key][measure] = value
    if values_alone:
        return _by_trial({key: SeedRecord(key[1], named) for key, named in values.items()})
    of_class = (ClassCurveRow.epoch, ClassCurveRow.name, ClassCurveRow.class_index)
    for key, epoch, name, _, value in rows(ClassCurveRow, *of_class, ClassCurveRow.value):
        of_classes[key, epoch].setdefault(name, []).append(value)
    curve = (CurveRow.epoch, CurveRow.train_loss, CurveRow.accuracy)
    for key, epoch, loss, accuracy in rows(CurveRow, *curve):
        told = {name: tuple(values) for name, values in of_classes.get((key, epoch), {}).items()}
        curves[key].append(EpochRecord(epoch, loss, accuracy, told))
    of = (ClassRow.class_index, ClassRow.recall, ClassRow.spread, ClassRow.plain_spread)
    for key, *numbers in rows(ClassRow, *of, measured=True):
        classes[key].append(ClassRecord(*numbers))
    for key, counts in rows(ConfusionRow, ConfusionRow.counts, measured=True):
        confusions[key] = tuple((true, predicted, n) for true, predicted, n in counts)

    return _by_trial(
        {
            key: SeedRecord(
                key[1],
                values.get(key, {}),
                tuple(curves.get(key, ())),
                tuple(classes.get(key, ())),
                confusions.get(key, ()),
            )
            for key in values.keys() | curves.keys() | classes.keys()
        }
    )


def _by_trial(records: dict[Key, SeedRecord]) -> dict[int, dict[int, SeedRecord]]:
    seeds: dict[int, dict[int, SeedRecord]] = defaultdict(dict)
    for trial, seed in sorted(records):
        seeds[trial][seed] = records[trial, seed]
    return seeds
