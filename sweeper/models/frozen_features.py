"""The features of a frozen body, computed once for all processes of a machine."""

import contextlib
import hashlib
import sys
import uuid
from pathlib import Path

import torch
from torch import Tensor

from sweeper.errors import UsageError
from sweeper.models import pretrained
from sweeper.models.frozen import embed
from sweeper.models.net_name import NetName, parse
from sweeper.registry.nets import nets_for

#: What was computed last in this process, by its key.
_last: dict[str, Tensor] = {}


def cached_features(
    images: Tensor, fingerprint: str, name: str, cache: Path, device: torch.device | str = "cpu"
) -> tuple[Tensor, str]:
    """Return the features that a net's frozen body gives of a data set's images.

    They are computed once for a data set and body, and kept in a file for the other processes; a
    broken file is computed again, and one that cannot be written is done without.

    Args:
        images: uint8 ``[N, C, H, W]``.
        fingerprint: what identifies the data set.
        name: the net's.
        cache: the folder of the file; made where there is none.
        device: where to compute.

    Returns:
        Features, float32 ``[N, d]`` on the CPU, and what identifies images, body and weights.

    Raises:
        UsageError: the net is unknown, or the data are no images.
        SweeperError: its weights cannot be loaded.
    """
    net = parse(name)
    if images.dtype != torch.uint8:
        fitting = ", ".join(nets_for("embeddings"))
        raise UsageError(f"net {name!r} takes images, the data are embeddings; use {fitting}")
    key = _key(fingerprint, net)
    file = cache / f"{key}.pt"
    if key not in _last:
        features = _read(file, len(images))
        if features is None:
            print(
                f"{net}: computing the features of {len(images):,} images on {device}, once",
                file=sys.stderr,
                flush=True,
            )
            features = embed(images, name, device)
            _write(file, features)
        _last.clear()
        _last[key] = features
    return _last[key], key


def _key(fingerprint: str, net: NetName) -> str:
    """Return what the features depend on: images, net, size and weights, as a SHA-256."""
    weights = pretrained.describe(net)
    said = (fingerprint, net.base, net.size, weights.digest() if weights else None)
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
