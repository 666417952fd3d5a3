"""Deleting the files of checkpoints that nobody needs any more."""

import logging
from collections.abc import Iterable
from pathlib import Path

_log = logging.getLogger(__name__)


def delete_files(files: Iterable[Path]) -> None:
    """Delete the files of checkpoints; one that cannot be deleted is told of and left."""
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s cannot be deleted: %s", file, error.strerror or error)
