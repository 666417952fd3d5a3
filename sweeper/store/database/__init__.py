"""The database itself: connections, schema, retries, backups."""
