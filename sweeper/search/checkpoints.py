"""Saving arrays in the middle of their training, and finding what trials can go on from."""

import logging
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.files import replace_file
from sweeper.search.snapshot import Snapshot
from sweeper.store import Checkpoint, Database, patient

logger = logging.getLogger(__name__)

#: Seconds of training between two checkpoints, and the bytes that one may have in the database.
EVERY = 120.0
LARGEST = 16 * 2**20


class Checkpoints:
    """The checkpoints of one worker's arrays.

    Nothing that goes wrong here ends the training: what cannot be saved, or read, is trained again.

    Args:
        database: where they are listed, and kept where there is no folder.
        folder: that all workers share; without one, arrays of more than `LARGEST` bytes are not
            saved.
        every: seconds between two of them.
    """

    def __init__(
        self, database: Database, folder: Path | None = None, every: float = EVERY
    ) -> None:
        self.database, self.folder, self.every = database, folder, every
        self._known: set[str] = set()
        self._saved_at = time.monotonic()
        self._told = False

    def begin(self) -> None:
        """Count the time to the next checkpoint from now."""
        self._saved_at = time.monotonic()

    def is_due(self) -> bool:
        """Return whether it is time for another one."""
        return time.monotonic() - self._saved_at >= self.every

    def save(self, leases: Mapping[str, int], snapshot: Snapshot) -> None:
        """Save an array as the newest checkpoint of its labels.

        Args:
            leases: the lease of each label.
            snapshot: what to save; its labels are among those.
        """
        self.begin()
        if self.folder is None and snapshot.size() > LARGEST:
            self._tell_once(
                f"an array of {snapshot.size() / 2**20:,.0f} MB is not saved in the middle of its "
                "training: name a folder that all workers share with --checkpoints"
            )
            return
        try:
            with patient(0):  # training goes on meanwhile, and saves itself another time
                place = self._place(snapshot.to_bytes())
                held = {label: leases[label] for label in snapshot.labels}
                _delete(store.save_checkpoint(self.database, held, snapshot.epoch, place))
        except SweeperError as error:
            self._tell_once(f"no checkpoint could be saved: {error}")
        else:
            self._known |= held.keys()

    def find(self, labels: Sequence[str]) -> list[Snapshot]:
        """Return what these labels can go on from; those that have nothing are in none of it."""
        found = store.find_checkpoints(self.database, labels)
        self._known |= found.keys()
        loaded = [self._load(checkpoint) for checkpoint in sorted(set(found.values()))]
        return [snapshot for snapshot in loaded if snapshot is not None]

    def drop(self, labels: Iterable[str]) -> None:
        """Drop what labels have that are done, or are to be trained from the start."""
        known = self._known.intersection(labels)
        if known:
            self._known -= known
            _delete(store.drop_checkpoints(self.database, known))

    def _place(self, content: bytes) -> Checkpoint:
        if self.folder is None:
            return Checkpoint(content=content)
        file = self.folder.absolute() / f"{secrets.token_hex(8)}.checkpoint"
        replace_file(file, content)
        return Checkpoint(file=file)

    def _load(self, checkpoint: int) -> Snapshot | None:
        place = store.load_checkpoint(self.database, checkpoint)
        if place is None:
            return None
        try:
            return Snapshot.from_bytes(place.read())
        except OSError as error:
            reason = f"{place.file} cannot be read: {error.strerror or error}"
        except ValueError as error:
            reason = str(error)
        logger.warning("a checkpoint is left out, its trials start anew: %s", reason)
        return None

    def _tell_once(self, what: str) -> None:
        if not self._told:
            self._told = True
            logger.warning("%s", what)


def _delete(files: Iterable[Path]) -> None:
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s cannot be deleted: %s", file, error.strerror or error)
