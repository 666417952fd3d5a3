"""The samples that tests read, to find those of a copy of a data set again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "sweeper_sample_digests",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_sweeper_sample_digests"),
    )
