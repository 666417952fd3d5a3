"""An array in the middle of its training, as bytes that another process can go on from."""

import io
from dataclasses import astuple, dataclass, fields
from typing import Any, Self

import torch

from sweeper.registry.setting import Setting
from sweeper.store import EpochRecord

#: Bytes that hold anything else are not read.
_FORMAT = "sweeper snapshot 3"


@dataclass(frozen=True)
class Snapshot:
    """Settings that were trained together up to the end of an epoch.

    Attributes:
        settings: all that the array was made of, those that left it included.
        remaining: the indices of those that are still in it, rising.
        labels: what each of these is called.
        epoch: epochs done.
        seconds: spent on them.
        curves: of each of these, of each seed, the epochs.
        reports: of each of these, what was reported at each rung, of each seed.
        trainers: the state of the `TrainerGroup`.
    """

    settings: tuple[Setting, ...]
    remaining: tuple[int, ...]
    labels: tuple[str, ...]
    epoch: int
    seconds: float
    curves: tuple[tuple[tuple[EpochRecord, ...], ...], ...]
    reports: tuple[dict[int, tuple[float, ...]], ...]
    trainers: dict[str, Any]

    def size(self) -> int:
        """Return about how many bytes `to_bytes` gives."""
        return sum(map(_bytes, self.trainers["trainers"]))

    def to_bytes(self) -> bytes:
        """Return it as bytes: tensors and plain values alone, no code."""
        content = {one.name: getattr(self, one.name) for one in fields(self)}
        content["format"] = _FORMAT
        content["settings"] = [vars(setting) for setting in self.settings]
        content["curves"] = [
            [[astuple(epoch) for epoch in seed] for seed in trial] for trial in self.curves
        ]
        buffer = io.BytesIO()
        torch.save(content, buffer)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` gave, onto the CPU.

        Raises:
            ValueError: it is something else, or only a part of it.
        """
        try:
            read = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        except Exception as error:  # it depends on what the bytes happen to be
            raise ValueError(f"no snapshot: {error}") from error
        if not isinstance(read, dict) or read.pop("format", None) != _FORMAT:
            raise ValueError("no snapshot of this version")
        try:
            read["settings"] = tuple(Setting(**setting) for setting in read["settings"])
            read["curves"] = tuple(
                tuple(tuple(EpochRecord(*epoch) for epoch in seed) for seed in trial)
                for trial in read["curves"]
            )
            return cls(**read)
        except (KeyError, TypeError) as error:
            raise ValueError(f"no snapshot of this version: {error}") from error


def _bytes(state: object) -> int:
    if isinstance(state, torch.Tensor):
        return state.nbytes
    if isinstance(state, dict):
        return sum(map(_bytes, state.values()))
    return sum(map(_bytes, state)) if isinstance(state, list) else 0
