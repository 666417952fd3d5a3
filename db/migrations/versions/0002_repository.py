"""What the repository learns from, what it chose, what was imported, and what was confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "sweeper_meta_features",
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("split_fingerprint", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["sweeper_datasets.id"], name="fk_sweeper_meta_features_dataset_id"
        ),
        sa.PrimaryKeyConstraint(
            "dataset_id", "split_fingerprint", "name", name="pk_sweeper_meta_features"
        ),
    )
    op.create_table(
        "sweeper_repositories",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("imported", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sweeper_repositories"),
    )
    op.create_table(
        "sweeper_choices",
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("objective", name="pk_sweeper_choices"),
    )
    op.create_table(
        "sweeper_confirmations",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("winner", sa.Integer(), nullable=False),
        sa.Column("seeds", sa.Integer(), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["sweeper_studies.id"], name="fk_sweeper_confirmations_study_id"
        ),
        sa.ForeignKeyConstraint(
            ["winner"], ["sweeper_trials.id"], name="fk_sweeper_confirmations_winner"
        ),
        sa.PrimaryKeyConstraint("study_id", name="pk_sweeper_confirmations"),
    )
    op.create_table(
        "sweeper_confirmed",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["sweeper_trials.id"], name="fk_sweeper_confirmed_trial_id"
        ),
        sa.PrimaryKeyConstraint(
            "trial_id", "seed", "measure", "split", name="pk_sweeper_confirmed"
        ),
    )
