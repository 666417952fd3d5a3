"""Terms beside a loss, how a net is trained beyond its budget, and what happens to each class."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TASK = (
    "dataset_id",
    "net",
    "embedding",
    "epochs",
    "batch_size",
    "hold_out",
    "split_seed",
    "split_fingerprint",
)


def upgrade() -> None:
    # Trials and tasks of before had none of it: the defaults are for them alone.
    with op.batch_alter_table("sweeper_trials") as trials:
        trials.add_column(sa.Column("more", sa.Text(), nullable=False, server_default="{}"))
    with op.batch_alter_table("sweeper_tasks") as tasks:
        tasks.add_column(sa.Column("protocol", sa.Text(), nullable=False, server_default="{}"))
        tasks.drop_constraint("uq_sweeper_tasks", type_="unique")
        tasks.create_unique_constraint("uq_sweeper_tasks", [*_TASK, "protocol"])
    with op.batch_alter_table("sweeper_class_measures") as classes:
        classes.add_column(sa.Column("plain_spread", sa.Double(), nullable=True))
    op.create_table(
        "sweeper_growth",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("class_index", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["sweeper_trials.id"], name="fk_sweeper_growth_trial_id"
        ),
        sa.PrimaryKeyConstraint(
            "trial_id", "seed", "epoch", "class_index", name="pk_sweeper_growth"
        ),
    )
    op.create_table(
        "sweeper_confusions",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["sweeper_trials.id"], name="fk_sweeper_confusions_trial_id"
        ),
        sa.PrimaryKeyConstraint("trial_id", "seed", "split", name="pk_sweeper_confusions"),
    )
