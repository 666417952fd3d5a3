"""Weights to start from: torchvision's own, by their name, or the state dict of a file."""

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

#: Mean and standard deviation of ImageNet's channels, with which torchvision's weights are trained.
_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_IMAGENET_SIDE = 224
#: Where a training program may have put the state dict among other things.
_WRAPPED = ("state_dict", "model")
#: Seconds that a server may be silent.
_SECONDS = 20.0


@dataclass(frozen=True)
class Weights:
    """What a net's weights were trained with, before they are loaded.

    Attributes:
        name: their name, or the absolute path of their file.
        side: of the images, in pixels.
        share: of the side of an image's largest centered square, what is kept.
        mean: of each channel, on a scale from 0 to 1.
        std: likewise.
        enum: torchvision's entry, or None for a file.
    """

    name: str
    side: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    enum: Any = None
    share: float = 224 / 256

    def standardization(self) -> tuple[Tensor, Tensor]:
        """Return mean and standard deviation ``[3, 1, 1]`` of images from 0 to 255, float64."""
        mean, std = torch.tensor(self.mean).double(), torch.tensor(self.std).double()
        return mean.view(-1, 1, 1) * 255, std.view(-1, 1, 1) * 255

    def digest(self) -> str:
        """Return what tells these weights from others, without a download: a SHA-256.

        Raises:
            SweeperError: the file is not there.
        """
        if self.enum is not None:
            return hashlib.sha256(str(self.enum.url).encode()).hexdigest()
        try:
            with Path(self.name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _unreadable(self.name, error) from None

    def load(self) -> dict[str, Tensor]:
        """Return the state dict, downloaded where it has to be.

        Raises:
            SweeperError: it is neither here nor can be downloaded, or the file is broken.
        """
        return _read(self.name) if self.enum is None else _download(self.name, self.enum)


def describe(net: NetName) -> Weights | None:
    """Return what is known of a net's weights; None where it has none.

    Raises:
        UsageError: torchvision has no such net, or no weights of this name for the net.
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
        raise UsageError(f"{error}; a file needs a / in its path, or ends in .pt or .pth")
    entry = entries[net.weights]
    prepared = entry.transforms()
    crop, resized = prepared.crop_size[0], prepared.resize_size[0]
    mean, std = tuple(prepared.mean), tuple(prepared.std)
    return Weights(entry.name, crop, mean, std, entry, min(1.0, crop / resized))


def digest(name: str) -> str | None:
    """Return what tells the weights of a net from others, see `Weights.digest`.

    None where it has none, as the user's own.

    Raises:
        UsageError: the brackets are wrong, or there are no weights of this name.
        SweeperError: their file is not there.
    """
    weights = describe(parse(name)) if "[" in name else None
    return None if weights is None else weights.digest()


def fill(net: nn.Module, last: str, weights: Weights, name: str) -> None:
    """Copy weights into a net; a last layer of another size, or of none, stays as it was drawn.

    Args:
        net: what is filled.
        last: the name of its last layer.
        weights: where they come from.
        name: what the net is called, for messages.

    Raises:
        SweeperError: they cannot be loaded, or do not fit.
    """
    own, given = net.state_dict(), weights.load()
    of_last = {key for key in own if key.startswith(f"{last}.")}
    if any(key not in given or given[key].shape != own[key].shape for key in of_last):
        given = {key: value for key, value in given.items() if not key.startswith(f"{last}.")}
    else:
        of_last = set()
    # Counters that old files lack make no difference here: the momentum of the statistics is fixed.
    needed = {key for key in own.keys() - of_last if not key.endswith("num_batches_tracked")}
    faults = {
        "missing": sorted(needed - given.keys()),
        "unknown": sorted(given.keys() - own.keys()),
        "of another shape": sorted(
            key for key in own.keys() & given.keys() if own[key].shape != given[key].shape
        ),
    }
    said = [f"{len(keys)} {what} ({keys[0]}, ...)" for what, keys in faults.items() if keys]
    if said:
        raise SweeperError(
            f"the weights {weights.name} do not fit the net {name}: {', '.join(said)}; "
            "they must be a state dict of torchvision's net of this name"
        )
    with torch.no_grad():
        for key, value in given.items():
            own[key].copy_(value)


def _read(path: str) -> dict[str, Tensor]:
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise _unreadable(path, error) from None
    except Exception:  # unpickling fails in many ways
        raise SweeperError(
            f"the weights {path} are broken, or no state dict; write them anew with "
            "torch.save(net.state_dict(), file)"
        ) from None
    for key in _WRAPPED:
        if isinstance(held, Mapping) and isinstance(held.get(key), Mapping):
            held = held[key]
    if not isinstance(held, Mapping) or not all(isinstance(v, Tensor) for v in held.values()):
        raise SweeperError(
            f"the weights {path} are no state dict, which holds tensors by name; write them anew "
            "with torch.save(net.state_dict(), file)"
        )
    return _renamed(held)


def _download(name: str, entry: Any) -> dict[str, Tensor]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS)
    try:
        return _renamed(entry.get_state_dict(progress=False, check_hash=True))
    except Exception as error:  # of the network, the disk and the file
        said = " ".join(str(error).split()) or type(error).__name__
        place = Path(torch.hub.get_dir(), "checkpoints")
        raise SweeperError(
            f"the weights {name} are not here and cannot be downloaded ({said}); "
            f"put {entry.url} into {place}, or name another file with weights="
        ) from None
    finally:
        socket.setdefaulttimeout(before)


def _renamed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a state dict under torchvision's names of today.

    DenseNet's layers had a dot in theirs; DataParallel and `torch.compile` put one before all.
    """
    old = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")
    wrapped = re.compile(r"^(?:module\.|_orig_mod\.)+")
    return {old.sub(r"\1\2.", wrapped.sub("", key)): value for key, value in state.items()}


def _unreadable(path: str, error: OSError) -> SweeperError:
    return SweeperError(
        f"the weights {path} cannot be read: {error.strerror or error}; name another file with "
        "weights="
    )
