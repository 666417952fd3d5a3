"""Arrays that are saved in the middle of their training; where a lease trains, and from when on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("sweeper_leases") as leases:
        leases.add_column(sa.Column("device", sa.Text(), nullable=False, server_default="cpu"))
        leases.add_column(sa.Column("start", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "sweeper_checkpoints",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("saved", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(content IS NULL) <> (file IS NULL)",
            name=op.f("ck_sweeper_checkpoints_one_place"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sweeper_checkpoints"),
    )
    op.create_table(
        "sweeper_checkpointed",
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("checkpoint_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"],
            ["sweeper_checkpoints.id"],
            name="fk_sweeper_checkpointed_checkpoint_id",
        ),
        sa.PrimaryKeyConstraint("label", name="pk_sweeper_checkpointed"),
    )
    op.create_index(
        "ix_sweeper_checkpointed_checkpoint_id", "sweeper_checkpointed", ["checkpoint_id"]
    )
