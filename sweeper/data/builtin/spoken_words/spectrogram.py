"""Log-mel spectrograms of a fixed size, whatever the length of the sound."""

import numpy as np
from numpy.typing import NDArray

#: Number of bands and of frames: the side of an image.
SIDE = 32
#: A frame's window in seconds.
WINDOW = 0.046
#: The lowest and the highest frequency in Hz.
RANGE = (50.0, 8000.0)
#: Decibels between black and white.
DYNAMIC = 60.0
#: Samples below this fraction of the loudest one, 40 dB less, are trimmed at both ends.
QUIET = 0.01


def log_mel(sound: NDArray[np.int16], rate: int) -> NDArray[np.uint8]:
    """Return the log-mel spectrogram of a sound that is not silent, uint8 ``[32, 32]``.

    Silence is trimmed at both ends. The rest fills the width of the image: 32 frames are spread
    evenly over it, each with a Hann window of 46 ms. The rows are bands, the highest first:
    triangles that overlap by half, evenly spaced from 50 to 8000 Hz on the mel scale of
    O'Shaughnessy, 2595 · log10(1 + f / 700). White is the loudest point of the image, black is 60
    dB less or below.

    Args:
        sound: samples ``[n]``.
        rate: sample rate in Hz, at least twice the highest frequency.
    """
    power = np.abs(np.fft.rfft(_frames(_trim(sound), round(WINDOW * rate)))) ** 2
    energy: NDArray[np.float64] = power @ mel_bands(power.shape[1], rate).T
    loudness = 10 * np.log10(np.maximum(energy / energy.max(), 10 ** (-DYNAMIC / 10)))
    image: NDArray[np.uint8] = np.rint(255 * (1 + loudness / DYNAMIC)).astype(np.uint8)
    return image.T[::-1]


def mel_bands(bins: int, rate: int) -> NDArray[np.float64]:
    """Return the weight of each frequency in each band, float64 ``[32, bins]``, the lowest first.

    Args:
        bins: number of frequencies of a spectrum, from 0 to half the rate.
        rate: sample rate in Hz.
    """
    lowest, highest = (2595 * np.log10(1 + f / 700) for f in RANGE)
    corners = 700 * (10 ** (np.linspace(lowest, highest, SIDE + 2) / 2595) - 1)
    left, center, right = (corners[i : i + SIDE, None] for i in range(3))
    f = np.linspace(0, rate / 2, bins)
    rising, falling = (f - left) / (center - left), (right - f) / (right - center)
    weights: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling))
    return weights


def _trim(sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """Trim the silence at both ends."""
    samples = sound.astype(np.float64)
    loud = np.flatnonzero(np.abs(samples) >= QUIET * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]


def _frames(samples: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return 32 windows ``[32, width]``, the first at the start and the last at the end.

    A sound shorter than a window is centered in each.
    """
    padding = max(0, width - len(samples))
    samples = np.pad(samples, (padding // 2, padding - padding // 2))
    starts = np.rint(np.linspace(0, len(samples) - width, SIDE)).astype(np.int64)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(width) / width)
    windows: NDArray[np.float64] = samples[starts[:, None] + np.arange(width)] * hann
    return windows
