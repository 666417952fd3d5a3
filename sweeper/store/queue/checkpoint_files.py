"""The files of checkpoints: what they are called, and deleting those that nobody needs any more."""

import logging
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

_log = logging.getLogger(__name__)

#: What `new_file` makes.
_OURS = re.compile(r"[0-9a-f]{16}\.checkpoint")


def new_file(folder: Path) -> Path:
    """Return the path of a checkpoint's file that no other has."""
    return folder.absolute() / f"{secrets.token_hex(8)}.checkpoint"


def delete_files(files: Iterable[Path]) -> None:
    """Delete the files of checkpoints; one that cannot be deleted is told of and left.

    Their paths stand in the database, where others may write: a file with another kind of name is
    not one of ours, and stays.
    """
    for file in files:
        if not _OURS.fullmatch(file.name):
            _log.warning("%s is no checkpoint by its name, and stays", file)
            continue
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s cannot be deleted: %s", file, error.strerror or error)
