"""How many members train together best on this machine, as measured in runs before.

A small JSON file in the user's cache, of numbers by what they were measured for. It may be deleted
at any time; what is missing is measured again.
"""

import json
import secrets
from pathlib import Path

import torch

from sweeper import __version__
from sweeper.cpuinfo import model_name
from sweeper.data.paths import data_root
from sweeper.errors import SweeperError
from sweeper.training.recipe import TrainingRecipe
from sweeper.training.samples import TrainingData

#: What was found in this process, for where no file can be written.
_here: dict[str, int] = {}


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


def recall(what: str) -> int | None:
    """Return the number that was kept for a key, or None."""
    return _here.get(what) or _read().get(what)


def keep(what: str, members: int) -> None:
    """Keep a number for a key, in the file if it can be written, else for this process."""
    try:
        kept = file()
        kept.parent.mkdir(parents=True, exist_ok=True)
        # Others may write at this moment, on other machines, too: each writes a file of its own,
        # and the last one stays. What the others found is measured again.
        own = kept.with_suffix(f".{secrets.token_hex(6)}")
        own.write_text(json.dumps({**_read(), what: members}, indent=1), encoding="utf-8")
        own.replace(kept)
    except (OSError, SweeperError):
        _here[what] = members


def file() -> Path:
    """Return the file that numbers are kept in."""
    return data_root() / "members.json"


def _read() -> dict[str, int]:
    try:
        stored = json.loads(file().read_text(encoding="utf-8"))
    except (OSError, ValueError, SweeperError):
        return {}
    if not isinstance(stored, dict):
        return {}
    return {what: n for what, n in stored.items() if isinstance(n, int) and n > 0}
