"""The features of a frozen body, computed once per machine and shared by all processes."""

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

#: The features used last in this process, by key.
_last: dict[str, Tensor] = {}


def cached_features(
    images: Tensor, fingerprint: str, name: str, cache: Path, device: torch.device | str = "cpu"
) -> tuple[Tensor, str]:
    """Return the features of a data set's images from a net's frozen body.

    They are computed once per data set and body, and cached in a file for other processes. A broken
    file is replaced; failing to write one is not an error.

    Args:
        images: uint8 ``[N, C, H, W]``.
        fingerprint: identifies the data set.
        name: name of the net.
        cache: the folder of the file; created if missing.
        device: device to compute on.

    Returns:
        Features, float32 ``[N, d]`` on the CPU, and a key that identifies images, body and weights.

    Raises:
        UsageError: the net is unknown, or the data are not images.
        SweeperError: the weights cannot be loaded.
    """
    net = parse(name)
    if images.dtype != torch.uint8:
        suitable = ", ".join(nets_for("embeddings"))
        raise UsageError(f"net {name!r} takes images, but the data are embeddings; use {suitable}")
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
    """Return a SHA-256 of everything the features depend on: images, net, size and weights."""
    weights = pretrained.describe(net)
    content = (fingerprint, net.base, net.size, weights.digest() if weights else None)
    return hashlib.sha256(repr(content).encode()).hexdigest()


def _read(file: Path, count: int) -> Tensor | None:
    """Return the features of `count` images, or None if the file does not hold them."""
    try:
        features = torch.load(file, weights_only=True)
    except Exception:  # missing, or broken in one of many ways
        return None
    if not isinstance(features, Tensor) or features.dtype != torch.float32:
        return None
    return features if features.dim() == 2 and len(features) == count else None


def _write(file: Path, features: Tensor) -> None:
    temporary = file.with_suffix(f".{uuid.uuid4().hex}.part")
    with contextlib.suppress(OSError, RuntimeError):  # torch.save also raises RuntimeError
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.save(features, temporary)
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
