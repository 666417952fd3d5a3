"""American spelling in what is stored, and curves per class in place of the growth of one term.

Optuna's tables lie in the same database and have the names, too: as parameters, in distributions
and in attributes. They are changed for our studies alone. They may be missing.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

#: What losses, terms and options of them were called, and are called.
_NAMES = {
    "normalised-softmax": "normalized-softmax",
    "soft-nearest-neighbour": "soft-nearest-neighbor",
    "subcentres": "subcenters",
    "n_neighbours": "n_neighbors",
}


def upgrade() -> None:
    # Not in a batch, which would copy the table on SQLite: others refer to it.
    op.execute("ALTER TABLE sweeper_trials RENAME COLUMN more TO options")
    _rename("sweeper_trials", "loss")
    _rename("sweeper_trials", "control")
    _rename("sweeper_trials", "options")
    _rename("sweeper_leases", "control")
    _rename("sweeper_checkpointed", "label")
    _rename_cause("sweeper_trials", "cause", "{}")
    _rename_in_specs()
    _make_class_curves()
    if sa.inspect(op.get_bind()).has_table("trial_params"):
        _rename_in_optuna()


def _rename(table: str, column: str, where: sa.ColumnElement[bool] | None = None) -> None:
    """Replace the old names in a column of text, which has nothing but such names and numbers."""
    named: sa.ColumnElement[str] = sa.column(column, sa.Text())
    changed: sa.ColumnElement[Any] = named
    for old, new in _NAMES.items():
        changed = sa.func.replace(changed, old, new)
    has_old = sa.or_(*(named.contains(old) for old in _NAMES))
    chosen = has_old if where is None else sa.and_(has_old, where)
    op.execute(sa.update(sa.table(table, named)).where(chosen).values({column: changed}))


def _rename_cause(
    table: str, column: str, form: str, where: sa.ColumnElement[bool] | None = None
) -> None:
    """Respell the cause of trials that were preempted, which never has details."""
    cause: sa.ColumnClause[str] = sa.column(column, sa.Text())
    chosen: sa.ColumnElement[bool] = cause == form.format("pre-empted")
    chosen = chosen if where is None else sa.and_(chosen, where)
    op.execute(
        sa.update(sa.table(table, cause)).where(chosen).values({column: form.format("preempted")})
    )


def _rename_in_specs() -> None:
    """Respell study files; the study's own name and those of data and net stay as they are."""
    studies = sa.table("sweeper_studies", sa.column("id"), sa.column("spec"))
    for row in op.get_bind().execute(sa.select(studies)).all():
        spec = json.loads(row.spec)
        for key in ("loss", "beside", "controls", "settings", "space", "fixed"):
            if key in spec:
                spec[key] = _renamed(spec[key])
        text = json.dumps(spec, sort_keys=True, separators=(",", ":"))
        if spec != json.loads(row.spec):
            op.execute(sa.update(studies).where(studies.c.id == row.id).values(spec=text))


def _renamed(value: Any) -> Any:
    """Return a value of JSON with the names in its texts and keys replaced."""
    if isinstance(value, dict):
        return {_renamed(key): _renamed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner) for inner in value]
    if isinstance(value, str):
        return ".".join(_NAMES.get(part, part) for part in value.split("."))
    return value


def _make_class_curves() -> None:
    """Make the table of what losses and terms tell of each class; the growths of σ²R go there."""
    op.create_table(
        "sweeper_class_curves",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("class_index", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["sweeper_trials.id"], name="fk_sweeper_class_curves_trial_id"
        ),
        sa.PrimaryKeyConstraint(
            "trial_id", "seed", "epoch", "name", "class_index", name="pk_sweeper_class_curves"
        ),
    )
    op.execute(
        "INSERT INTO sweeper_class_curves (trial_id, seed, epoch, name, class_index, value) "
        "SELECT trial_id, seed, epoch, 'sigma2r.growth', class_index, value FROM sweeper_growth"
    )
    op.drop_table("sweeper_growth")


def _rename_in_optuna() -> None:
    """Respell parameters and attributes of the trials of our studies in Optuna's tables."""
    ours = sa.text(
        "trial_id IN (SELECT trials.trial_id FROM trials "
        "JOIN studies ON studies.study_id = trials.study_id "
        "JOIN sweeper_studies ON sweeper_studies.optuna_study_id = studies.study_id "
        "AND sweeper_studies.name = studies.study_name)"
    )
    key: sa.ColumnClause[str] = sa.column("key", sa.Text())
    _rename("trial_params", "param_name", ours)
    _rename("trial_params", "distribution_json", ours)
    # What was queued, the points of a grid, and what TPE has proposed for trials that run.
    written = key.in_(("fixed_params", "search_space")) | key.startswith("tpe:relative_params")
    _rename("trial_system_attributes", "value_json", sa.and_(ours, written))
    _rename("trial_user_attributes", "value_json", sa.and_(ours, key == "setting"))
    _rename_cause("trial_user_attributes", "value_json", '"{}"', sa.and_(ours, key == "cause"))
