"""Saving arrays in the middle of their training, and finding what trials can go on from."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sweeper import store
from sweeper.console import count, duration
from sweeper.errors import SweeperError
from sweeper.files import replace_file
from sweeper.store import Checkpoint, Database, delete_files
from sweeper.store.queue.checkpoint_files import new_file
from sweeper.worker.batch.snapshot import Snapshot

logger = logging.getLogger(__name__)

#: Bytes that a checkpoint in the database may have.
LARGEST = 16 * 2**20

#: Seconds of training that may be lost without a word.
_LOSS = 600.0


class Checkpoints:
    """The checkpoints of one worker's arrays.

    What cannot be saved, or read, is trained again; training goes on meanwhile.

    Args:
        database: where they are listed, and kept where there is no folder.
        folder: that all workers share; without one, arrays of more than `LARGEST` bytes are not
            saved.
    """

    def __init__(self, database: Database, folder: Path | None = None) -> None:
        self.database, self.folder = database, folder
        self._known: set[str] = set()
        self._saved_at = time.monotonic()
        self._told: set[str] = set()

    def begin(self) -> None:
        """Count the time to the next checkpoint from now."""
        self._saved_at = time.monotonic()

    def is_due(self) -> bool:
        """Return whether it is time for another one."""
        return time.monotonic() - self._saved_at >= self.database.timing.checkpoint

    def save(self, leases: Mapping[str, int], snapshot: Snapshot, last: bool = False) -> None:
        """Save an array as the newest checkpoint of its labels.

        Args:
            leases: the lease of each label.
            snapshot: what to save; its labels are among those.
            last: whether the array is not trained any further here.
        """
        self.begin()
        if self.folder is None and snapshot.size() > LARGEST:
            self._tell_unsaved(snapshot, last)
            return
        checkpoint: Checkpoint | None = None
        try:
            with self.database.timeout(0):  # training goes on, and is saved another time
                checkpoint = self._write(snapshot.to_bytes())
                held = {label: leases[label] for label in snapshot.labels}
                self._known |= held.keys()  # before it is sure: the answer may be lost
                delete_files(store.save_checkpoint(self.database, held, snapshot.epoch, checkpoint))
        except SweeperError as error:
            if checkpoint is not None and checkpoint.file is not None:
                delete_files([checkpoint.file])
            self._tell_once("unsaved", f"no checkpoint could be saved: {error}")

    def find(self, labels: Sequence[str]) -> dict[str, int]:
        """Return the checkpoint of each of these labels that has one."""
        found = store.find_checkpoints(self.database, labels)
        self._known |= found.keys()
        return found

    def load(self, checkpoint_id: int) -> Snapshot | None:
        """Return what a checkpoint has, None where it cannot be read."""
        checkpoint = store.load_checkpoint(self.database, checkpoint_id)
        if checkpoint is None:
            return None
        try:
            return Snapshot.from_bytes(checkpoint.read())
        except OSError as error:
            reason = f"{checkpoint.file} cannot be read: {error.strerror or error}"
        except ValueError as error:
            reason = str(error)
        logger.warning("a checkpoint is left out, its trials start anew: %s", reason)
        return None

    def drop(self, labels: Iterable[str]) -> None:
        """Drop what labels have that are done, or are to be trained from the start."""
        known = self._known.intersection(labels)
        if known:
            self._known -= known
            delete_files(store.drop_checkpoints(self.database, known))

    def drop_all(self, start: str) -> None:
        """Drop what all labels have that start so."""
        delete_files(store.drop_checkpoints(self.database, start=start))

    def _write(self, content: bytes) -> Checkpoint:
        if self.folder is None:
            return Checkpoint(content=content)
        file = new_file(self.folder)
        replace_file(file, content)
        return Checkpoint(file=file)

    def _tell_unsaved(self, snapshot: Snapshot, last: bool) -> None:
        """Tell that an array is too large for the database, where that costs more than a little."""
        if last or snapshot.seconds >= _LOSS:
            lost = "are lost" if last else "would be lost if it were stopped now"
            trials, size = count(len(snapshot.labels), "trial"), snapshot.size() / 2**20
            self._tell_once(
                f"too large, {last}",
                f"{duration(snapshot.seconds)} of training {lost}: {trials} of {size:,.0f} MB are "
                "too large to be saved in the database; save them in a folder that all workers "
                "share, with --checkpoints FOLDER",
            )

    def _tell_once(self, kind: str, what: str) -> None:
        if kind not in self._told:
            self._told.add(kind)
            logger.warning("%s", what)
