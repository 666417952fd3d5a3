"""Alembic's environment: runs in the transaction that sweeper.store.database.schema has begun."""

from alembic import context

from sweeper.store.database.schema import VERSION_TABLE, is_ours
from sweeper.store.database.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_object=is_ours,
)
with context.begin_transaction():
    context.run_migrations()
