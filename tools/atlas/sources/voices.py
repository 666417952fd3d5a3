"""Resemblyzer's speaker encoder (Wan et al. 2018), trained on many voices, as a frozen body.

The encoder alone: what the package needs beside it (librosa, webrtcvad) reads files and leaves out
pauses, and the sounds here have none.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import resample_poly
from torch import Tensor, nn
from torch.nn import functional as F

from sweeper.errors import SweeperError

#: As it was trained: samples a second, window and step of a spectrum, mel bands, frames of a piece.
_RATE, _WINDOW, _STEP, _BANDS, _FRAMES = 16_000, 400, 160, 40, 160
_LOUDNESS = 10 ** (-30 / 20)  # root mean square; what is louder is left so
_SIZE, _LAYERS = 256, 3


class Encoder(nn.Module):
    """Three LSTM layers; the last state, rectified, at unit length."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(_BANDS, _SIZE, _LAYERS, batch_first=True)
        self.linear = nn.Linear(_SIZE, _SIZE)

    def forward(self, mels: Tensor) -> Tensor:
        """Map mel spectra ``[B, frames, 40]`` to embeddings ``[B, 256]``."""
        _, (hidden, _) = self.lstm(mels)
        return F.normalize(self.linear(hidden[-1]).relu(), dim=1)


@torch.no_grad()
def features(sounds: Sequence[NDArray[np.int16]], rate: int) -> NDArray[np.float32]:
    """Return the embeddings of the first 1.6 seconds of sounds, float32 ``[N, 256]``.

    Raises:
        SweeperError: the weights are not there.
    """
    encoder = Encoder()
    saved = torch.load(_weights(), map_location="cpu", weights_only=True)["model_state"]
    encoder.load_state_dict({name: saved[name] for name in encoder.state_dict()})
    mels = torch.stack([_mel(sound, rate) for sound in sounds])
    return np.concatenate([encoder.eval()(block).numpy() for block in mels.split(64)])


def _weights() -> Path:
    package = find_spec("resemblyzer")
    if package is None or package.origin is None:
        raise SweeperError("Resemblyzer is missing; install the dependency group atlas")
    return Path(package.origin).with_name("pretrained.pt")


def _mel(sound: NDArray[np.int16], rate: int) -> Tensor:
    """Return the power in mel bands ``[160, 40]``, silence behind a sound that is too short."""
    wave = resample_poly(sound / 2**15, _RATE, rate)
    loudness = float(np.sqrt(np.mean(wave**2)))
    wave = wave * max(1.0, _LOUDNESS / max(loudness, 1e-9))
    padded = torch.zeros(_FRAMES * _STEP)
    padded[: len(wave)] = torch.from_numpy(wave[: len(padded)]).float()
    window = torch.hann_window(_WINDOW)
    spectrum = torch.stft(
        padded, _WINDOW, _STEP, window=window, pad_mode="constant", return_complex=True
    )
    return (_filters() @ spectrum.abs().square()).T[:_FRAMES]


def _filters() -> Tensor:
    """Return Slaney's triangles ``[40, 201]``: linear to 1,000 Hz, then logarithmic."""

    def hertz(mel: Tensor) -> Tensor:
        return torch.where(mel < 15, mel * 200 / 3, 1000 * (np.log(6.4) / 27 * (mel - 15)).exp())

    highest = 15 + 27 * np.log(_RATE / 2 / 1000) / np.log(6.4)
    edges = hertz(torch.linspace(0, float(highest), _BANDS + 2))
    bins = torch.linspace(0, _RATE / 2, _WINDOW // 2 + 1)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    return torch.minimum(rising, falling).clamp(min=0) * 2 / (high - low)
