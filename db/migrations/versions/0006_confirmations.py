"""Confirmations are claimed before the test split is read, and what they export is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Of before only finished ones are there. The copy has no constraints, whose names are taken.
    op.execute("CREATE TABLE confirmations_of_0005 AS SELECT * FROM sweeper_confirmations")
    op.drop_table("sweeper_confirmations")  # nothing refers to it
    op.create_table(
        "sweeper_confirmations",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("seeds", sa.Integer(), nullable=False),
        sa.Column("begun", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("test_read", sa.DateTime(timezone=True), nullable=True),
        sa.Column("earlier_reads", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("winner", sa.Integer(), nullable=True),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"], ["sweeper_studies.id"], name="fk_sweeper_confirmations_study_id"
        ),
        sa.ForeignKeyConstraint(
            ["winner"], ["sweeper_trials.id"], name="fk_sweeper_confirmations_winner"
        ),
        sa.PrimaryKeyConstraint("study_id", name="pk_sweeper_confirmations"),
    )
    op.execute(
        "INSERT INTO sweeper_confirmations (study_id, seeds, begun, test_read, winner, finished) "
        "SELECT study_id, seeds, finished, finished, winner, finished FROM confirmations_of_0005"
    )
    op.execute("DROP TABLE confirmations_of_0005")
    op.create_table(
        "sweeper_exports",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["sweeper_studies.id"], name="fk_sweeper_exports_study_id"
        ),
        sa.PrimaryKeyConstraint("study_id", "name", "part", name="pk_sweeper_exports"),
    )
