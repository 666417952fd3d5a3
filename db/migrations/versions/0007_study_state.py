"""A study may be paused or stopped."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "sweeper_studies",
        sa.Column("state", sa.Text(), nullable=False, server_default="active"),
    )
