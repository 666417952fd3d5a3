"""The tasks of the outside proof, as their file lists them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from sweeper.resources import data_folder
from tools.proof.sources.paths import file_of

OBJECTIVE = "retrieval"
SAMPLES, BATCH_SIZE, SEEDS = 100_000, 128, 4


@dataclass(frozen=True)
class ProofTask:
    """A data set and how it is trained on.

    Attributes:
        dataset: the name of what `tools.proof.sources` makes.
        source: the origin of the data, which the repository has not.
        about: what it is, and where it is from.
        net: trained from scratch, or a head on embeddings.
        samples: seen by a run at most, in whole epochs, at least one.
    """

    dataset: str
    source: str
    about: str
    net: str
    samples: int = SAMPLES

    @property
    def location(self) -> str:
        """The path of its data, as `sweeper recommend` takes it."""
        return str(file_of(self.dataset))

    def is_here(self) -> bool:
        """Return whether its data have been made."""
        return file_of(self.dataset).is_file()

    def epochs(self, images: int) -> int:
        """Return the epochs that the budget holds of so many training images."""
        return max(1, self.samples // images)


def folder() -> Path:
    """Return the folder of the list of tasks, the answers and the results."""
    return data_folder("studies") / "proof"


def proof_tasks() -> list[ProofTask]:
    """Return every task, in the file's order.

    Raises:
        TypeError: the file has a key that no task has, or lacks one.
    """
    text = (folder() / "tasks.toml").read_text(encoding="utf-8")
    return [ProofTask(**table) for table in tomllib.loads(text)["task"]]
