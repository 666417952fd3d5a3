"""Where studies are stored unless somebody says."""

import os


def default_storage() -> str:
    """Return the URL: ``$SWEEPER_STORAGE``, else a file in the current folder."""
    return os.environ.get("SWEEPER_STORAGE") or "sqlite:///sweeper.db"
