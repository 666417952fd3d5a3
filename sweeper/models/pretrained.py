"""Pretrained weights: torchvision's, by name, or a state dict from a file."""

import hashlib
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sweeper.errors import SweeperError, UsageError, unknown
from sweeper.models.net_name import NetName, parse
from sweeper.models.torchvision_names import require_known

#: Mean and standard deviation of ImageNet's channels, used to train torchvision's weights.
_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_IMAGENET_SIDE = 224
#: Keys under which training programs commonly store the state dict.
_WRAPPED = ("state_dict", "model")
#: Timeout of a download in seconds without data.
_SECONDS = 20.0


@dataclass(frozen=True)
class Weights:
    """A net's pretrained weights, before they are loaded.

    Attributes:
        name: their name, or the absolute path of their file.
        side: side of the training images in pixels.
        share: fraction of the side of an image's largest centered square that is kept.
        mean: mean of each channel, on a scale from 0 to 1.
        std: standard deviation of each channel; likewise.
        enum: torchvision's entry, or None for a file.
    """

    name: str
    side: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    enum: Any = None
    share: float = 224 / 256

    def standardization(self) -> tuple[Tensor, Tensor]:
        """Return mean and standard deviation ``[3, 1, 1]`` for images from 0 to 255, float64."""
        mean, std = torch.tensor(self.mean).double(), torch.tensor(self.std).double()
        return mean.view(-1, 1, 1) * 255, std.view(-1, 1, 1) * 255

    def digest(self) -> str:
        """Return a SHA-256 that identifies these weights, without downloading them.

        Raises:
            SweeperError: the file does not exist.
        """
        if self.enum is not None:
            return hashlib.sha256(str(self.enum.url).encode()).hexdigest()
        try:
            with Path(self.name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _unreadable(self.name, error) from None

    def load(self) -> dict[str, Tensor]:
        """Return the state dict, downloading it if necessary.

        Raises:
            SweeperError: it cannot be downloaded, or the file is broken.
        """
        return _read(self.name) if self.enum is None else _download(self.name, self.enum)


def describe(net: NetName) -> Weights | None:
    """Return a net's weights without loading them, or None if it has none.

    Raises:
        UsageError: torchvision has no such net, or no such weights for it.
    """
    if net.weights is None:
        return None
    require_known(net.base)
    if file := net.weights_file:
        return Weights(file, _IMAGENET_SIDE, *_IMAGENET)
    from torchvision.models import get_model_weights

    entries = get_model_weights(net.base)
    if net.weights not in entries.__members__:
        error = unknown(f"weights of {net.base}", net.weights, entries.__members__)
        raise UsageError(f"{error}; a file must have a / in its path or end in .pt or .pth")
    entry = entries[net.weights]
    transforms = entry.transforms()
    crop, resized = transforms.crop_size[0], transforms.resize_size[0]
    mean, std = tuple(transforms.mean), tuple(transforms.std)
    return Weights(entry.name, crop, mean, std, entry, min(1.0, crop / resized))


def digest(name: str) -> str | None:
    """Return the `Weights.digest` of a net's pretrained weights.

    None if it has none, as for the user's own nets.

    Raises:
        UsageError: the brackets are malformed, or there are no such weights.
        SweeperError: their file does not exist.
    """
    weights = describe(parse(name)) if "[" in name else None
    return None if weights is None else weights.digest()


def fill(net: nn.Module, last: str, weights: Weights, name: str) -> None:
    """Copy weights into a net; if its last layer has another size, that layer stays as initialized.

    Args:
        net: the net to fill.
        last: the name of its last layer.
        weights: the weights to copy.
        name: the net's name, for error messages.

    Raises:
        SweeperError: the weights cannot be loaded, or do not match the net.
    """
    state, loaded = net.state_dict(), weights.load()
    skipped = {key for key in state if key.startswith(f"{last}.")}
    if any(key not in loaded or loaded[key].shape != state[key].shape for key in skipped):
        loaded = {key: value for key, value in loaded.items() if not key.startswith(f"{last}.")}
    else:
        skipped = set()
    # Old files lack these counters, which are unused: the momentum of batch statistics is fixed.
    required = {key for key in state.keys() - skipped if not key.endswith("num_batches_tracked")}
    mismatches = {
        "missing": sorted(required - loaded.keys()),
        "unknown": sorted(loaded.keys() - state.keys()),
        "of another shape": sorted(
            key for key in state.keys() & loaded.keys() if state[key].shape != loaded[key].shape
        ),
    }
    described = [
        f"{len(keys)} {what} ({keys[0]}, ...)" for what, keys in mismatches.items() if keys
    ]
    if described:
        raise SweeperError(
            f"the weights {weights.name} do not match the net {name}: {', '.join(described)}; "
            "they must be a state dict of torchvision's net with this name"
        )
    with torch.no_grad():
        for key, value in loaded.items():
            state[key].copy_(value)


def _read(path: str) -> dict[str, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise _unreadable(path, error) from None
    except Exception:  # unpickling fails in many ways
        raise SweeperError(
            f"the weights {path} are broken or not a state dict; write them again with "
            "torch.save(net.state_dict(), file)"
        ) from None
    for key in _WRAPPED:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping) or not all(isinstance(v, Tensor) for v in content.values()):
        raise SweeperError(
            f"the weights {path} are not a state dict, which holds tensors by name; write them "
            "again with torch.save(net.state_dict(), file)"
        )
    return _rename(content)


def _download(name: str, entry: Any) -> dict[str, Tensor]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS)
    try:
        return _rename(entry.get_state_dict(progress=False, check_hash=True))
    except Exception as error:  # from the network, the disk or the file
        reason = " ".join(str(error).split()) or type(error).__name__
        folder = Path(torch.hub.get_dir(), "checkpoints")
        raise SweeperError(
            f"the weights {name} are not on this machine and cannot be downloaded ({reason}); "
            f"put {entry.url} into {folder}, or name another file with weights="
        ) from None
    finally:
        socket.setdefaulttimeout(before)


def _rename(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a state dict under torchvision's current names.

    DenseNet's layers once had a dot in their names; DataParallel and `torch.compile` add a prefix.
    """
    old = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")
    wrapped = re.compile(r"^(?:module\.|_orig_mod\.)+")
    return {old.sub(r"\1\2.", wrapped.sub("", key)): value for key, value in state.items()}


def _unreadable(path: str, error: OSError) -> SweeperError:
    return SweeperError(
        f"the weights {path} cannot be read: {error.strerror or error}; name another file with "
        "weights="
    )
