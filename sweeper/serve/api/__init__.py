"""The API under ``/sweep/api/v1``; its fields are those of the commands' ``--format json``."""
