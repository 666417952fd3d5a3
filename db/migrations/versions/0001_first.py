"""The first tables.

Migrations go upwards only: to go back, go back to a backup. A new one is a file whose name starts
with the next number, which is its revision; the check of the storage tests says what it must do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "sweeper_datasets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("num_classes", sa.Integer(), nullable=False),
        sa.Column("input_shape", sa.JSON(), nullable=False),
        sa.Column("class_names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sweeper_datasets"),
        sa.UniqueConstraint("fingerprint", name="uq_sweeper_datasets_fingerprint"),
    )
    op.create_table(
        "sweeper_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("net", sa.Text(), nullable=False),
        sa.Column("embedding", sa.Integer(), nullable=False),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.Column("batch_size", sa.Integer(), nullable=False),
        sa.Column("hold_out", sa.Double(), nullable=False),
        sa.Column("split_seed", sa.BigInteger(), nullable=False),
        sa.Column("split_fingerprint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["sweeper_datasets.id"], name="fk_sweeper_tasks_dataset_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sweeper_tasks"),
        sa.UniqueConstraint(
            "dataset_id",
            "net",
            "embedding",
            "epochs",
            "batch_size",
            "hold_out",
            "split_seed",
            "split_fingerprint",
            name="uq_sweeper_tasks",
        ),
    )
    op.create_table(
        "sweeper_studies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("optuna_study_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("n_trials", sa.Integer(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["sweeper_tasks.id"], name="fk_sweeper_studies_task_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sweeper_studies"),
        sa.UniqueConstraint("name", name="uq_sweeper_studies_name"),
    )
    op.create_table(
        "sweeper_leases",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("control", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["sweeper_studies.id"], name="fk_sweeper_leases_study_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sweeper_leases"),
        sa.UniqueConstraint("study_id", "control", name="uq_sweeper_leases_study_id_control"),
        sa.UniqueConstraint("study_id", "number", name="uq_sweeper_leases_study_id_number"),
    )
    op.create_index("ix_sweeper_leases_worker", "sweeper_leases", ["worker"])
    op.create_table(
        "sweeper_trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("control", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("loss", sa.Text(), nullable=False),
        sa.Column("m1", sa.Double(), nullable=False),
        sa.Column("m2", sa.Double(), nullable=False),
        sa.Column("m3", sa.Double(), nullable=False),
        sa.Column("scale", sa.Double(), nullable=False),
        sa.Column("lr", sa.Double(), nullable=False),
        sa.Column("weight_decay", sa.Double(), nullable=False),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(number IS NULL) <> (control IS NULL)", name="ck_sweeper_trials_number_or_control"
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["sweeper_studies.id"], name="fk_sweeper_trials_study_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sweeper_trials"),
        sa.UniqueConstraint("study_id", "control", name="uq_sweeper_trials_study_id_control"),
        sa.UniqueConstraint("study_id", "number", name="uq_sweeper_trials_study_id_number"),
    )
    op.create_table(
        "sweeper_class_measures",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("class_index", sa.Integer(), nullable=False),
        sa.Column("recall", sa.Double(), nullable=True),
        sa.Column("spread", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["sweeper_trials.id"], name="fk_sweeper_class_measures_trial_id"
        ),
        sa.PrimaryKeyConstraint(
            "trial_id", "seed", "split", "class_index", name="pk_sweeper_class_measures"
        ),
    )
    op.create_table(
        "sweeper_curves",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("train_loss", sa.Double(), nullable=True),
        sa.Column("accuracy", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["sweeper_trials.id"], name="fk_sweeper_curves_trial_id"
        ),
        sa.PrimaryKeyConstraint("trial_id", "seed", "epoch", name="pk_sweeper_curves"),
    )
    op.create_table(
        "sweeper_results",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["sweeper_trials.id"], name="fk_sweeper_results_trial_id"
        ),
        sa.PrimaryKeyConstraint("trial_id", "seed", "measure", "split", name="pk_sweeper_results"),
    )
