"""What was measured of this machine in runs before: the best size of an array, and speeds.

Small JSON files in the user's cache, of numbers by what they were measured for. They may be deleted
at any time; what is missing is measured again.
"""

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import torch

from sweeper import __version__
from sweeper.cpuinfo import model_name
from sweeper.data.paths import data_root
from sweeper.errors import SweeperError
from sweeper.training.recipe import TrainingRecipe
from sweeper.training.samples import TrainingData


@dataclass(frozen=True)
class Cache:
    """Positive numbers by what they were measured for.

    Attributes:
        name: of the file.
        here: what was found in this process, for where no file can be written.
    """

    name: str
    here: dict[str, float] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The file that the numbers are kept in."""
        return data_root() / self.name

    def recall(self, what: str) -> float | None:
        """Return the number that was kept for a key, or None."""
        return self.all().get(what)

    def all(self) -> dict[str, float]:
        """Return everything that was kept."""
        return self._stored() | self.here

    def _stored(self) -> dict[str, float]:
        """Return what the file has."""
        try:
            stored = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError, SweeperError):
            stored = {}
        if not isinstance(stored, dict):
            stored = {}
        return {what: n for what, n in stored.items() if isinstance(n, int | float) and n > 0}

    def keep(self, what: str, number: float) -> None:
        """Keep a number for a key, in the file if it can be written, else for this process."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            # Others may write at this moment, on other machines, too: each writes a file of its
            # own, and the last one stays. What the others found is measured again.
            own = self.file.with_suffix(f".{secrets.token_hex(6)}")
            own.write_text(json.dumps({**self._stored(), what: number}, indent=1), encoding="utf-8")
            own.replace(self.file)
        except (OSError, SweeperError):
            self.here[what] = number


#: How many members train together best, or at most.
MEMBERS = Cache("members.json")

#: Seconds that a step of an array takes, with its share of what is measured after each epoch.
SECONDS = Cache("step-seconds.json")


def key(data: TrainingData, recipe: TrainingRecipe, pairs: bool) -> str:
    """Return what a number of members depends on, as text: the machine, the net and the batch."""
    on = torch.cuda.get_device_name(data.device) if data.device.type == "cuda" else model_name()
    precision = "bfloat16" if data.autocast else str(data.dtype).removeprefix("torch.")
    shape = "x".join(map(str, data.train.inputs.shape[1:]))
    parts = [
        f"sweeper {__version__}",
        f"{on}, {torch.get_num_threads()} threads" if data.device.type == "cpu" else on,
        f"torch {torch.__version__}",
        f"{recipe.net} on {shape} to {recipe.embedding}",
        f"{data.num_classes} classes",
        f"batches of {recipe.samples_per_batch(data.num_classes)}",
        precision,
    ]
    return "; ".join([*parts, "pairs"] if pairs else parts)
