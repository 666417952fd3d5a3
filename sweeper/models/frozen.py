"""Nets with a frozen body: its features are computed once, and heads are trained on them."""

import contextlib
import hashlib
import sys
import uuid
from collections import OrderedDict
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from sweeper.data.dataset import Dataset
from sweeper.errors import UsageError
from sweeper.models import pretrained
from sweeper.models.backbone import backbone, standardization
from sweeper.models.heads import HEADS
from sweeper.models.net_name import NetName, parse

#: What was computed last in this process, by its key.
_last: dict[str, Tensor] = {}


class Frozen(nn.Sequential):
    """A body that no training changes, its batch statistics included, and the head on it."""

    def __init__(self, body: nn.Module, head: nn.Module) -> None:
        super().__init__(OrderedDict(body=body.eval().requires_grad_(False), head=head))

    def train(self, mode: bool = True) -> Self:
        """Set the head alone."""
        super().train(mode)
        self[0].eval()
        return self


@dataclass(frozen=True)
class EmbeddedDataset(Dataset):
    """The features of a data set's images.

    Attributes:
        origin: what identifies images, body and weights. It is what the fingerprint tells, since
            the features of one image differ in their last digits from one machine to the next.
    """

    origin: str = ""

    def fingerprint(self) -> str:
        """Return a SHA-256 over what the features were computed from."""
        return self.origin


def is_frozen(name: str) -> bool:
    """Return whether a net's name asks for a frozen body.

    Raises:
        UsageError: the brackets are wrong.
    """
    return parse(name).frozen


def build_frozen(net: NetName, input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    """Build what is trained: for images body and head, for the body's features the head alone."""
    if len(input_shape) == 1:
        return HEADS[net.head](input_shape, embedding)
    body = backbone(net, input_shape, None)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        features = body.eval()(torch.zeros(1, *input_shape)).shape[1:]
    return Frozen(body, HEADS[net.head](tuple(features), embedding))


def embedded(
    dataset: Dataset, name: str, cache: Path, device: torch.device | str = "cpu"
) -> Dataset:
    """Return a data set with the features of a net's frozen body in place of its images.

    They are computed once for a data set and body, and kept in a file for the other processes; a
    broken file is computed again, and one that cannot be written is done without.

    Args:
        dataset: the images.
        name: the net's.
        cache: the folder of the file; made where there is none.
        device: where to compute.

    Raises:
        UsageError: the net is unknown, or the data are no images.
        SweeperError: its weights cannot be loaded.
    """
    net = parse(name)
    if not dataset.is_images:
        raise UsageError(
            f"net {name!r} takes images, the data are embeddings; use {', '.join(HEADS)}"
        )
    key = _key(dataset, net)
    file = cache / f"{key}.pt"
    if key not in _last:
        features = _read(file, len(dataset))
        if features is None:
            print(
                f"{net}: computing the features of {len(dataset):,} images on {device}, once",
                file=sys.stderr,
                flush=True,
            )
            features = embed(dataset.inputs, name, device)
            _write(file, features)
        _last.clear()
        _last[key] = features
    held = {field.name: getattr(dataset, field.name) for field in fields(Dataset)}
    return EmbeddedDataset(**held | {"inputs": _last[key]}, origin=key)


@torch.no_grad()
def embed(
    images: Tensor, name: str, device: torch.device | str = "cpu", batch: int = 128
) -> Tensor:
    """Return the features of a net's body: what its last linear layer is given.

    Args:
        images: uint8 ``[N, C, H, W]``.
        name: the net's, with weights.
        device: where to compute.
        batch: how many images at once.

    Returns:
        float32 ``[N, d]``, on the CPU.

    Raises:
        UsageError: the net or its weights are unknown, or the images do not fit it.
        SweeperError: the weights cannot be loaded.
    """
    net = parse(name)
    with torch.random.fork_rng(devices=[]):  # the user's generator is left alone
        body = backbone(net, tuple(images.shape[1:]), None).eval().to(device)
    mean, std = (value.to(device).float() for value in standardization(net) or _none())
    blocks = [body((block.to(device).float() - mean) / std).cpu() for block in images.split(batch)]
    return torch.cat(blocks)


def _none() -> tuple[Tensor, Tensor]:
    return torch.zeros(()), torch.ones(())


def _key(dataset: Dataset, net: NetName) -> str:
    """Return what the features depend on: images, net, size and weights, as a SHA-256."""
    weights = pretrained.describe(net)
    said = (dataset.fingerprint(), net.base, net.size, weights.digest() if weights else None)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _read(file: Path, count: int) -> Tensor | None:
    """Return the features of so many images, or None where the file does not hold them."""
    try:
        features = torch.load(file, weights_only=True)
    except Exception:  # not there, or broken in one of many ways
        return None
    if not isinstance(features, Tensor) or features.dtype != torch.float32:
        return None
    return features if features.dim() == 2 and len(features) == count else None


def _write(file: Path, features: Tensor) -> None:
    part = file.with_suffix(f".{uuid.uuid4().hex}.part")
    with contextlib.suppress(OSError, RuntimeError):  # torch.save has errors of its own
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.save(features, part)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
